//! Creates the folder of the web application's files, and rebuilds the server when they change.

use std::{env, fs, path::Path};

fn main() {
    let site = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("target/site");
    if let Err(error) = fs::create_dir_all(&site) {
        println!("cargo:warning=cannot create the folder {}: {error}", site.display());
    }
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
    // In a release build the files are inside the program; in development they are read from the
    // folder.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed={}", site.display());
    }
}
