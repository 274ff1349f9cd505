//! Random operations of a history: each calls a server function.

use chatbox::{
    domain::{ConversationId, Kind, Seq, Summary},
    server::clock,
};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde_json::json;

use super::participant::Participant;
use crate::{
    harness::user::{TestClient, new_id},
    measure::Rng,
};

const BODIES: [&str; 14] = [
    "hello",
    "look: http://ducks.example/",
    "http://geese.example/ or http://ducks.example/",
    "[this](http://ducks.example/) and not `http://geese.example/`",
    "@ada and @kofi, look",
    "@everyone",
    "why, @grace?",
    "two\n\nlines",
    "🦆 Zoë </script>",
    "a\tb\u{2028}c",
    "x",
    "long",
    "spaced",
    "wide",
];

fn body(rng: &mut Rng) -> String {
    match *rng.pick(&BODIES) {
        "long" => "word ".repeat(rng.between(10, 500)),
        "spaced" => format!("a{}b", "\n".repeat(rng.between(380, 420))),
        "wide" => {
            format!("{}字", "\t ".repeat(rng.between(190, 210)).trim_start())
                + &"字".repeat(rng.between(100, 140))
        }
        body => body.to_owned(),
    }
}

impl Participant {
    /// Performs a random operation. Its result is the subject of other tests.
    pub(super) async fn operate(&mut self, rng: &mut Rng, others: &[String]) {
        let client = self.person.client.clone();
        let (groups, all) =
            (self.browser.of_kind(Kind::Group), self.browser.conversations.listed());
        let conversation = *rng.pick(&all);
        let group = if groups.is_empty() { conversation } else { *rng.pick(&groups) };
        let other = rng.pick(others).clone();
        let ask = async |function: &str, arguments| {
            client.call(function, arguments).await;
        };
        // Usually a recent message.
        let head =
            usize::try_from(self.browser.conversations.find(conversation).unwrap().head.0).unwrap();
        let message = rng.between(head.saturating_sub(12).max(1), head.max(1));
        let about = json!({
            "conversation": conversation,
            "seq": message,
            "on": rng.chance(60),
            "emoji": *rng.pick(&["👍", "🎉", "👀"]),
            "body": body(rng),
            "from": message
        });
        match rng.below(52) {
            41 | 42 => {
                let name = format!("{}.txt", rng.below(9));
                let file = upload(&client, conversation, &name, b"hi".to_vec()).await;
                let body = if rng.chance(50) { String::new() } else { body(rng) };
                ask(
                    "post_message",
                    json!({
                        "conversation": conversation,
                        "client_id": new_id(),
                        "body": body,
                        "files": [file]
                    }),
                )
                .await;
            }
            43..=45 => ask("remove_preview", about).await,
            46 | 47 => {
                let file = if rng.chance(70) {
                    Some(upload(&client, group, "face.png", tiny_png()).await)
                } else {
                    None
                };
                ask("set_group_face", json!({ "conversation": group, "file": file })).await;
            }
            39 | 40 => {
                let level = *rng.pick(&["everything", "mentions", "nothing", "hidden"]);
                let until = rng.chance(50).then(|| clock::now() + 3_600_000);
                ask(
                    "set_level",
                    json!({ "conversation": conversation, "level": level, "muted_until": until }),
                )
                .await;
            }
            48 => ask("pin_conversation", about).await,
            49 | 50 => {
                let (name, title) =
                    (format!("Name {}", rng.below(9)), format!("title {}", rng.below(3)));
                ask("set_profile", json!({ "display_name": name, "title": title })).await;
            }
            // By the administrator; others are refused.
            51 => {
                let role = *rng.pick(&["administrator", "moderator", "member"]);
                ask("set_role", json!({ "person": other, "role": role })).await;
            }
            20..=22 => ask("edit_message", about).await,
            23 | 24 => ask("delete_message", about).await,
            25 => ask("restore_message", about).await,
            26..=28 => ask("react", about).await,
            29 => ask("pin_message", about).await,
            30 => ask("settle_question", about).await,
            31 => ask("mark_unread", about).await,
            37 => ask("set_reading", json!({ "by_hand": rng.chance(50) })).await,
            34 => ask("save_message", about).await,
            38 => ask("set_status", json!({ "text": format!("status {}", rng.below(3)) })).await,
            35 | 36 => {
                // Based on the known draft, or on another one.
                let known = self
                    .browser
                    .conversations
                    .find(conversation)
                    .and_then(|summary| summary.draft.clone())
                    .map(|draft| draft.seq);
                let body = if rng.chance(30) { String::new() } else { body(rng) };
                let draft = json!({ "conversation": conversation, "body": body, "after": known });
                ask("keep_draft", draft).await;
            }
            32 | 33 => {
                let answer = json!({
                    "conversation": conversation,
                    "client_id": new_id(),
                    "body": body(rng),
                    "answers": message
                });
                ask("post_message", answer).await;
            }
            0..=6 => {
                let message = json!({
                    "conversation": conversation,
                    "client_id": new_id(),
                    "body": body(rng)
                });
                ask("post_message", message).await;
            }
            7 | 8 => {
                let members: Vec<_> = others.iter().filter(|_| rng.chance(40)).collect();
                let made: Result<Summary, u16> = client
                    .call_as("create_group", json!({ "name": "Physics", "members": members }))
                    .await;
                self.browser.conversations.insert(made.unwrap());
            }
            9 => {
                if let Ok(made) =
                    client.call_as::<Summary>("open_direct", json!({ "person": other })).await
                {
                    self.browser.conversations.insert(made);
                }
            }
            10 => {
                ask(
                    "rename_group",
                    json!({ "conversation": group, "name": format!("Group {}", rng.below(100)) }),
                )
                .await
            }
            11 | 12 => {
                ask("add_members", json!({ "conversation": group, "people": [other] })).await
            }
            13 | 14 => {
                ask("remove_member", json!({ "conversation": group, "person": other })).await
            }
            15 => ask("leave_group", json!({ "conversation": group })).await,
            16 | 17 => {
                let head = self.browser.conversations.find(conversation).unwrap().head.0;
                let upto =
                    Seq(u64::try_from(rng.between(0, usize::try_from(head).unwrap())).unwrap());
                self.browser.conversations.mark_read(conversation, upto);
                ask("mark_read", json!({ "conversation": conversation, "upto": upto })).await;
            }
            18 => self.open(conversation).await,
            _ => drop(self.socket.take()),
        }
    }
}

/// Uploads a file without sending it.
async fn upload(
    client: &TestClient,
    conversation: ConversationId,
    name: &str,
    bytes: Vec<u8>,
) -> String {
    let file = new_id();
    client.start_upload(&conversation.to_string(), &file, name, bytes.len()).await;
    client.send_chunk(&file, 0, &bytes).await;
    file
}

/// A PNG of one pixel.
fn tiny_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[90, 140, 60], 1, 1, ExtendedColorType::Rgb8).unwrap();
    bytes
}
