//! Chooses and crops an avatar.

use leptos::{html, prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlImageElement, HtmlInputElement, KeyboardEvent, PointerEvent};

use crate::{
    client::{
        actions::avatars::{AvatarOwner, CropRect},
        use_app_state,
    },
    domain::file::ImageFormat,
    ui::{
        kit::{
            button::Submit,
            field::ErrorText,
            overlay::{confirm::Confirm, dialog::Dialog},
        },
        text,
    },
};

/// Side of the crop area in screen pixels, as in the style sheet.
const SHOWN: i32 = 256;
/// Zoom range, in percent.
const ZOOM: (i32, i32) = (100, 400);
/// The centre, in thousandths of the image's sides.
const MIDDLE: (i32, i32) = (500, 500);
/// How far an arrow key moves the image, in screen pixels.
const STEP: i32 = 12;

/// The buttons and the crop dialog.
#[component]
pub(in crate::ui) fn AvatarEditor(
    /// Owner of the avatar.
    owner: AvatarOwner,
) -> impl IntoView {
    let app = use_app_state();
    let (title, now) = match owner {
        Some(group) => (text::details::GROUP_PICTURE, app.group_avatar_url(group).into()),
        None => (text::settings::YOUR_PICTURE, app.avatar_url(app.my_id())),
    };
    let input = NodeRef::<html::Input>::new();
    let (open, chosen) =
        (RwSignal::new(false), StoredValue::new(None::<SendWrapper<(File, String)>>));
    // The current crop, and the name of a file that was decoded and can be continued with.
    let (view, file_name) = (CropView::default(), RwSignal::new(None::<String>));
    // An object URL holds its file until it is revoked.
    let release = move || {
        if let Some(chosen) = chosen.try_update_value(Option::take).flatten() {
            let _ = web_sys::Url::revoke_object_url(&chosen.1);
        }
        file_name.try_set(None);
    };
    on_cleanup(release);
    let done = Callback::new(move |()| {
        open.set(false);
        release();
    });
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let on_chosen = move |event: web_sys::Event| {
        let Some(input) =
            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(address) =
            file.as_ref().and_then(|file| web_sys::Url::create_object_url_with_blob(file).ok())
        else {
            return;
        };
        release();
        view.reset();
        chosen.set_value(file.map(|file| SendWrapper::new((file, address))));
        open.set(true);
    };
    let has_one = move || now.with(Option::is_some);
    let removing = RwSignal::new(false);
    view! {
        <div class="side-by-side">
            <input
                node_ref=input
                type="file"
                accept=ImageFormat::ACCEPT
                hidden
                on:change=on_chosen
            />
            <button type="button" class="button quiet" on:click=choose>
                {text::people::CHOOSE_PICTURE}
            </button>
            <Show when=has_one>
                <button type="button" class="button quiet" on:click=move |_| removing.set(true)>
                    {text::people::REMOVE_PICTURE}
                </button>
            </Show>
            // Closing by Escape or the close button keeps the crop.
            {move || {
                file_name
                    .get()
                    .filter(|_| !open.get())
                    .map(|name| {
                        view! {
                            <button
                                type="button"
                                class="button quiet"
                                on:click=move |_| open.set(true)
                            >
                                {text::people::CONTINUE_WITH}
                                <bdi>{name}</bdi>
                            </button>
                        }
                    })
            }}
        </div>
        <Dialog open title>
            {move || {
                chosen
                    .get_value()
                    .map(SendWrapper::take)
                    .map(|(file, address)| {
                        view! { <Crop owner file address open view file_name done /> }
                    })
            }}
        </Dialog>
        <Confirm
            open=removing
            title=text::people::REMOVE_PICTURE_QUESTION
            consequence=text::people::REMOVE_PICTURE_CONSEQUENCE
            label=text::kit::REMOVE
            act=Callback::new(move |()| app.remove_avatar(owner))
        />
    }
}

/// The selected crop.
#[derive(Clone, Copy)]
struct CropView {
    /// In percent.
    zoom: RwSignal<i32>,
    /// Centre of the crop, in thousandths of the image's sides.
    middle: RwSignal<(i32, i32)>,
}

impl Default for CropView {
    fn default() -> Self {
        Self { zoom: RwSignal::new(ZOOM.0), middle: RwSignal::new(MIDDLE) }
    }
}

impl CropView {
    fn reset(self) {
        self.zoom.set(ZOOM.0);
        self.middle.set(MIDDLE);
    }
}

/// The picture behind a square window: moved by dragging and by the arrows, made larger by the
/// slider.
#[component]
fn Crop(
    owner: AvatarOwner,
    file: File,
    address: String,
    open: RwSignal<bool>,
    view: CropView,
    file_name: RwSignal<Option<String>>,
    done: Callback<()>,
) -> impl IntoView {
    let app = use_app_state();
    // Of the picture, in its own pixels.
    let size = RwSignal::new((0, 0));
    let CropView { zoom, middle } = view;
    let name = file.name();
    let (wrong, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let crop = Memo::new(move |_| CropRect::of(size.get(), zoom.get(), middle.get()));
    let on_load = move |event: web_sys::Event| {
        if let Some(image) =
            event.target().and_then(|target| target.dyn_into::<HtmlImageElement>().ok())
        {
            let side = |length: u32| i32::try_from(length).unwrap_or(0);
            size.set((side(image.natural_width()), side(image.natural_height())));
            file_name.set(Some(name.clone()));
        }
    };
    let on_error = move |_| wrong.set(Some(text::people::UNSUPPORTED_IMAGE.to_owned()));
    // By pixels of the screen.
    let shift = move |x: i32, y: i32| {
        middle.set(crop.get_untracked().moved(size.get_untracked(), x, y, SHOWN))
    };
    let held = StoredValue::new((0, 0));
    let hold = move |event: PointerEvent| {
        held.set_value((event.client_x(), event.client_y()));
        // So that it is moved also where the pointer leaves the window.
        if let Some(place) =
            event.current_target().and_then(|place| place.dyn_into::<web_sys::Element>().ok())
        {
            let _ = place.set_pointer_capture(event.pointer_id());
        }
    };
    let drag = move |event: PointerEvent| {
        if event.buttons() == 1 {
            let (x, y) = held.get_value();
            held.set_value((event.client_x(), event.client_y()));
            shift(x - event.client_x(), y - event.client_y());
        }
    };
    let keys = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" => shift(-STEP, 0),
            "ArrowRight" => shift(STEP, 0),
            "ArrowUp" => shift(0, -STEP),
            "ArrowDown" => shift(0, STEP),
            _ => return,
        }
        event.prevent_default();
    };
    // The whole picture, so large that the part fills the window.
    let scaled = move |length: i32| length.saturating_mul(SHOWN) / crop.get().side.max(1);
    let pixels = move |length: i32| format!("{length}px");
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if size.get_untracked().0 == 0 {
            return;
        }
        busy.set(true);
        let file = file.clone();
        spawn_local(async move {
            let wanted = move || {
                busy.try_get_untracked() == Some(true) && open.try_get_untracked() == Some(true)
            };
            match app.set_avatar(owner, file, crop.get_untracked(), wanted).await {
                Ok(()) if wanted() => done.run(()),
                Ok(()) => {}
                Err(error) => drop(wrong.try_set(Some(error.message))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="stack" on:submit=save>
            <div
                class="crop"
                tabindex="0"
                role="group"
                aria-label=text::people::CROP_AREA
                on:pointerdown=hold
                on:pointermove=drag
                on:keydown=keys
            >
                <img
                    src=address
                    alt=""
                    draggable="false"
                    on:load=on_load
                    on:error=on_error
                    style:width=move || pixels(scaled(size.get().0))
                    style:left=move || pixels(-scaled(crop.get().left))
                    style:top=move || pixels(-scaled(crop.get().top))
                />
            </div>
            <label class="zoom">
                {text::people::ZOOM}
                <input
                    type="range"
                    min=ZOOM.0
                    max=ZOOM.1
                    step="10"
                    prop:value=move || zoom.get()
                    on:input=move |event| {
                        zoom.set(event_target_value(&event).parse().unwrap_or(ZOOM.0))
                    }
                />
            </label>
            {move || wrong.get().map(|words| view! { <ErrorText words /> })}
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| done.run(())>
                    {text::kit::CANCEL}
                </button>
                <Submit busy=busy>{text::people::SAVE_PICTURE}</Submit>
            </div>
        </form>
    }
}
