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
    pages::{not_found::NotFound, sign_in::SignIn, sign_up::SignUp},
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
                <Route path=path!("/sign-in") view=SignIn />
                <Route path=path!("/sign-up") view=SignUp />
                <ParentRoute path=path!("") view=Workspace>
                    <Route path=path!("/") view=FirstConversation />
                    <Route path=path!("/c/:id") view=OpenConversation />
                    <Route path=path!("/search") view=|| lazy(LazyView::Search) />
                    <Route path=path!("/saved") view=|| lazy(LazyView::Saved) />
                    <Route path=path!("/settings") view=|| lazy(LazyView::Settings) />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
