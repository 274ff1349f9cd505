//! The root component: the routes and their pages.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use super::{
    conversation::{FirstConversation, OpenConversation},
    kit::{shortcut::Keyboard, time::Clock},
    lazy::{self, LazyView, lazy},
    pages::not_found::NotFound,
    workspace::Workspace,
};
use crate::client::browser;

/// The app, the same in the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Clock::provide();
    Keyboard::provide();
    Effect::new(|| {
        browser::set_body_attribute("data-hydrated", "");
        lazy::preload();
    });
    view! {
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Workspace>
                    <Route path=path!("/") view=FirstConversation />
                    <Route path=path!("/c/:id") view=OpenConversation />
                    <Route path=path!("/search") view=|| lazy(LazyView::Search) />
                    <Route path=path!("/saved") view=|| lazy(LazyView::Saved) />
                    <Route path=path!("/admin/:section?") view=|| lazy(LazyView::Administration) />
                    <Route path=path!("/settings/:section?") view=|| lazy(LazyView::Settings) />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
