//! Phrases by language. Words in braces are filled in by `message_text`.

use super::people::Language;

/// The phrases of a language.
pub(super) struct Phrases {
    pub(super) short: &'static [&'static str],
    pub(super) questions: &'static [&'static str],
    pub(super) sentences: &'static [&'static str],
}

/// The phrases of this language.
pub(super) const fn of(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::Chinese => &CHINESE,
        Language::Japanese => &JAPANESE,
        Language::Korean => &KOREAN,
        Language::Arabic => &ARABIC,
        Language::Hebrew => &HEBREW,
        Language::Hindi => &HINDI,
        Language::Russian => &RUSSIAN,
        Language::Thai => &THAI,
        Language::Greek => &GREEK,
    }
}

#[rustfmt::skip]
pub(super) const THINGS: [&str; 24] = [
    "the budget", "the timetable", "chapter 4", "the slides", "the release notes",
    "the seminar room", "the new logo", "the survey", "the login page", "the lab report",
    "the invoice", "the data set", "the Sámi translation", "the field trip", "the backup",
    "the grant proposal", "the microscope", "the agenda", "the poster", "the search index",
    "the parents’ letter", "the reading list", "the draft", "the meeting minutes",
];
#[rustfmt::skip]
pub(super) const WHENS: [&str; 14] = [
    "today", "tomorrow", "by Friday", "next week", "after lunch", "at 3", "on Monday morning",
    "before the meeting", "this afternoon", "by the end of the month", "in ten minutes", "at 14:30",
    "after the holidays", "on Thursday",
];
pub(super) const PLACES: [&str; 8] = [
    "room 204",
    "the library",
    "the café",
    "the big hall",
    "the lab",
    "building C",
    "the office",
    "the gym",
];
#[rustfmt::skip]
pub(super) const EMOJI: [&str; 22] = [
    "👍", "🎉", "😂", "❤️", "🙏", "👀", "✅", "🚀", "😅", "🙌", "☕", "🤔", "👏👏👏", "🥳🎂", "😭", "💡", "👩‍🔬", "👍🏽",
    "🇬🇭", "🔥", "😴", "🫠",
];
#[rustfmt::skip]
pub(super) const LINKS: [&str; 10] = [
    "https://example.org/handbook", "https://example.org/rooms/204?week=23",
    "https://example.com/search?q=%E6%9D%8E%E6%A2%85&lang=zh", "http://example.net/lab/report.pdf",
    "https://docs.example.org/guides/getting-started#first-steps", "https://example.org/polls/8841",
    "https://example.org/wiki/Ada_Lovelace_(mathematician)",
    "https://example.com/photos/field-trip/album-3",
    "https://example.org/reports/quarterly/very-long-name-of-a-report-that-nobody-has-shortened-and-that-will-not-fit-on-one-line/final-final-2.html?from=chat&version=17",
    "www.example.org",
];
#[rustfmt::skip]
pub(super) const CODE: [&str; 8] = [
    "fn main() {\n    let words: Vec<&str> = \"to be or not to be\".split(' \
     ').collect();\n    println!(\"{}\", words.len());\n}",
    "select p.name, count(*)\nfrom people p\njoin messages m on m.author = p.id\ngroup by \
     p.name\nhaving count(*) > 10\norder by 2 desc;",
    "def mean(values):\n    \"\"\"Of at least one value.\"\"\"\n    return sum(values) / \
     len(values)\n\n\nprint(mean([3, 1, 4, 1, 5]))",
    "$ df -h /srv\nFilesystem      Size  Used Avail Use% Mounted \
     on\n/dev/sda2       234G  201G   21G  91% /srv",
    "{\n\t\"name\": \"Zoë\",\n\t\"tags\": [\"a\", \"b\"],\n\t\"active\": true\n}",
    "thread 'main' panicked at src/main.rs:42:17:\nindex out of bounds: the len is 3 but the index \
     is 3\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "<ul class=\"list\">\n  <li>one &amp; two</li>\n  <script>alert('this must be shown, not \
     run')</script>\n</ul>",
    "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
];
#[rustfmt::skip]
pub(super) const ANNOUNCEMENTS: [&str; 12] = [
    "Good morning, everyone! From now on you find {thing} in {place}. Please tell those who are \
     not online.",
    "📣 The building closes at 18:00 {when}. Please take your things home.",
    "Reminder: please hand in {thing} {when}. Being late makes extra work for {name}, so please be \
     kind.",
    "Welcome to all who are new here! Say hello in this conversation, and ask anything: no \
     question is too small.",
    "🎂 It is {name}’s birthday today! There is cake in {place}.",
    "The network will be down for about ten minutes {when}. What you write meanwhile is sent when \
     it is back.",
    "Many thanks to {name} and the whole team for {thing}! 🎉",
    "Lost and found: a blue umbrella, two keys with a red ribbon, and one left shoe. All of it is \
     in {place}.",
    "Please vote on {thing} {when}: https://example.org/polls/8841",
    "The canteen has vegetarian lasagne today. {Place} closes at 14:00.",
    "We are looking for two people who can help with {thing} {when}. Write to {name}, please.",
    "Fire drill {when}, around eleven. Leave your things, take the stairs, and meet in the yard.",
];

#[rustfmt::skip]
static ENGLISH: Phrases = Phrases {
    short: &[
        "ok", "thanks!", "Thank you!", "yes", "no", "sure", "on it", "done", "perfect", "great 🎉",
        "will do", "same here", "haha", "see you {when}", "+1", "nice one", "agreed", "not yet",
        "one moment", "brb", "sorry, wrong conversation", "works for me", "good point", "same",
        "oh no", "why not", "I’m in", "almost there", "👍 thanks", "back in 5", "who else?", "fixed",
        "hm", "let me check", "yes please", "never mind, found it",
    ],
    questions: &[
        "Can you look at {thing} {when}?", "Has anybody seen {thing}?",
        "Who brings {thing} to {place}?", "Are we still meeting in {place} {when}?",
        "What do you think of {thing}?", "{name}, do you have a minute?",
        "Can I have {thing} now, or should I wait?", "How long do you need for {thing}?",
        "Does anyone know who changed {thing} since yesterday?",
        "Shall we do {thing} {when} instead?", "Did {name} say anything about {thing}?",
        "Could somebody open {place} {when}?", "{Thing}: which version is the right one?",
        "Quick question: who owns {thing} now?",
    ],
    sentences: &[
        "I have finished {thing}.", "Another pair of eyes for {thing}, please.",
        "I can be in {place} {when}.", "We should talk about {thing} {when}.",
        "The last version of {thing} is much better.",
        "Let’s do {thing} {when}, I hope that suits everybody.",
        "{name} asked me to wait with {thing}.", "Somebody left the light on in {place}.",
        "I’ll send {thing} {when}.", "That is exactly what I meant.",
        "It took longer than I thought, but it works now.",
        "Let’s keep it simple for now and see whether anybody asks for more.",
        "I am not sure that we need {thing} at all.", "My train is late, please begin without me.",
        "I agree with {name}: {thing} can wait, the rest cannot.",
        "There are three open points, and the second is the one that worries me.",
        "If nobody objects {when}, I’ll take that as a yes.",
        "The numbers are 12.5 % higher than last year, mostly because of {thing}.",
        "{name} and I went through {thing} line by line.",
        "Please don’t print it again, we have forty copies in {place}.",
        "The students liked it, even the ones in the last row.",
        "I wrote down what we decided, so that we need not decide it twice.",
        "Nothing urgent, just so that you know.",
    ],
};
#[rustfmt::skip]
static FRENCH: Phrases = Phrases {
    short: &["d’accord", "merci !", "oui", "parfait", "ça marche", "à demain", "bien sûr 🙂"],
    questions: &[
        "Tu peux relire ça avant ce soir ?", "On se voit à la bibliothèque ?",
        "Qui s’occupe de l’emploi du temps ?", "Où est passé le compte rendu ?",
    ],
    sentences: &[
        "J’ai corrigé les dernières fautes.", "Ça m’a pris plus de temps que prévu.",
        "Je t’envoie la nouvelle version cet après-midi.",
        "L’élève de première année a très bien répondu.",
    ],
};
#[rustfmt::skip]
static GERMAN: Phrases = Phrases {
    short: &["alles klar", "danke!", "ja", "passt", "mach ich", "bis morgen", "super 👍"],
    questions: &[
        "Kannst du bitte drüberschauen?", "Wann treffen wir uns?",
        "Wer hat den Schlüssel für Raum 204?", "Steht die Übung für morgen schon fest?",
    ],
    sentences: &["Ich habe die Straßenbahn verpasst und komme \
                  später.", "Die Geschwindigkeitsmessungsauswertung ist \
                             fertig.", "Das müssen wir noch einmal \
                                        prüfen.", "Für größere Gruppen reicht der Platz nicht."],
};
#[rustfmt::skip]
static SPANISH: Phrases = Phrases {
    short: &["vale", "¡gracias!", "sí", "perfecto", "ahora mismo", "nos vemos", "¡qué bien! 🎉"],
    questions: &[
        "¿Quién trae las llaves?", "¿Has visto el último informe?", "¿Quedamos mañana a las diez?",
        "¿Puedes revisar el capítulo cuatro?",
    ],
    sentences: &[
        "Ya está listo el calendario del próximo año.", "El señor Muñoz llamó esta mañana.",
        "Mañana os mando todo.", "Me parece una buena idea, pero falta tiempo.",
    ],
};
#[rustfmt::skip]
static CHINESE: Phrases = Phrases {
    short: &["好的", "谢谢！", "收到", "没问题", "明天见", "哈哈", "可以👌"],
    questions: &["你看过新的时间表了吗？", "明天下午几点开会？", "谁有教室的钥匙？", "这个问题应该怎么解决？"],
    sentences: &[
        "我已经把报告发给大家了。", "今天的实验结果比昨天好很多。", "如果有问题请随时告诉我，我一直在线。", "图书馆周六上午九点开门，记得带学生证。",
        "第三章我还没有看完，晚上再回复你。",
    ],
};
#[rustfmt::skip]
static JAPANESE: Phrases = Phrases {
    short: &["了解です", "ありがとうございます！", "はい", "大丈夫です", "お疲れさまです", "確認します", "いいですね😊"],
    questions: &["資料はもう届きましたか？", "明日の会議は何時からですか？", "誰か鍵を持っていますか？", "この書き方で合っていますか？"],
    sentences: &[
        "新しいバージョンを共有フォルダに置きました。", "申し訳ありませんが、十分ほど遅れます。", "来週の発表の準備は順調に進んでいます。", "図書館の二階で待っています。",
    ],
};
#[rustfmt::skip]
static KOREAN: Phrases = Phrases {
    short: &["네", "감사합니다!", "좋아요", "확인했습니다", "내일 봬요", "ㅋㅋㅋ", "알겠습니다 🙏"],
    questions: &["회의는 몇 시에 시작하나요?", "자료 보셨어요?", "누가 열쇠를 가지고 있나요?", "이 부분은 어떻게 생각하세요?"],
    sentences: &[
        "보고서를 방금 올렸습니다.", "오늘은 조금 늦을 것 같아요.", "다음 주 발표 준비는 거의 끝났습니다.", "도서관 이층에서 기다리고 있을게요.",
    ],
};
#[rustfmt::skip]
static ARABIC: Phrases = Phrases {
    short: &["حسنًا", "شكرًا!", "نعم", "تمام 👍", "إن شاء الله", "أراك غدًا", "ممتاز"],
    questions: &[
        "هل وصلك الملف الجديد؟", "متى يبدأ الاجتماع غدًا؟", "من عنده مفتاح القاعة 204؟",
        "ما رأيك في الفصل الرابع؟",
    ],
    sentences: &[
        "أنهيت مراجعة التقرير وأرسلته إلى الجميع.", "سأتأخر عشر دقائق بسبب الزحام.",
        "النسخة الأخيرة من ChatBox أفضل بكثير.", "المكتبة مفتوحة من الساعة 9:00 حتى 17:30.",
        "لا تنسوا إحضار بطاقة الطالب.",
    ],
};
#[rustfmt::skip]
static HEBREW: Phrases = Phrases {
    short: &["בסדר", "תודה!", "כן", "מצוין", "נתראה מחר", "אין בעיה 🙂"],
    questions: &["מישהו ראה את הדוח?", "באיזו שעה הפגישה מחר?", "למי יש מפתח לחדר 204?"],
    sentences: &[
        "סיימתי לעבור על הטיוטה.", "אני מאחר בעשר דקות, תתחילו בלעדיי.",
        "הגרסה החדשה (2.1) עובדת טוב יותר.", "הספרייה פתוחה עד 17:30.",
    ],
};
#[rustfmt::skip]
static HINDI: Phrases = Phrases {
    short: &["ठीक है", "धन्यवाद!", "हाँ", "बहुत बढ़िया", "कल मिलते हैं", "हो गया 👍"],
    questions: &[
        "क्या आपने नई समय-सारणी देखी?", "बैठक कितने बजे है?", "कमरा 204 की चाबी किसके पास है?",
    ],
    sentences: &[
        "मैंने रिपोर्ट सबको भेज दी है।", "आज थोड़ी देर हो जाएगी, माफ़ कीजिए।",
        "पुस्तकालय शनिवार को नौ बजे खुलता है।", "अगले हफ़्ते की तैयारी लगभग पूरी है।",
    ],
};
#[rustfmt::skip]
static RUSSIAN: Phrases = Phrases {
    short: &["хорошо", "спасибо!", "да", "готово", "до завтра", "понял", "отлично 🚀"],
    questions: &[
        "Кто-нибудь видел отчёт?", "Во сколько завтра встреча?", "У кого ключ от аудитории 204?",
        "Как вам четвёртая глава?",
    ],
    sentences: &[
        "Я всё проверил и отправил.", "Сегодня немного опоздаю, начинайте без меня.",
        "Последняя версия работает заметно быстрее.", "Библиотека открыта до половины шестого.",
    ],
};
#[rustfmt::skip]
static THAI: Phrases = Phrases {
    short: &["ได้ครับ", "ขอบคุณค่ะ", "โอเค", "เรียบร้อย", "เจอกันพรุ่งนี้", "555"],
    questions: &["ประชุมกี่โมง", "มีใครเห็นรายงานบ้างไหม", "ใครมีกุญแจห้อง 204"],
    sentences: &[
        "ส่งรายงานให้ทุกคนแล้วครับ", "วันนี้อาจจะมาสายประมาณสิบนาที",
        "ห้องสมุดเปิดวันเสาร์ตั้งแต่เก้าโมงเช้าถึงห้าโมงเย็น", "เวอร์ชันใหม่ใช้งานได้ดีกว่าเดิมมาก",
    ],
};
#[rustfmt::skip]
static GREEK: Phrases = Phrases {
    short: &["εντάξει", "ευχαριστώ!", "ναι", "τέλεια", "τα λέμε αύριο", "έγινε 👌"],
    questions: &[
        "Είδε κανείς την αναφορά;", "Τι ώρα είναι η συνάντηση αύριο;",
        "Ποιος έχει το κλειδί της αίθουσας 204;",
    ],
    sentences: &[
        "Έστειλα την τελική έκδοση σε όλους.", "Θα αργήσω δέκα λεπτά, ξεκινήστε χωρίς εμένα.",
        "Η βιβλιοθήκη είναι ανοιχτή μέχρι τις πέντε και μισή.",
    ],
};
