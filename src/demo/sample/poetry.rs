//! `diwan_alrih`: poems and calm pictures, in Arabic, written from right to left.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{
    Draft, KETTLE, album, compose, gapped_album, music, photo, poll, service, sticker, text, video,
    voice,
};
use super::name;
use crate::demo::channel::Channel;
use crate::demo::message::{PollKind, PreviewPicture, ServiceMessage, Sticker};

pub(super) fn channel(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("diwan_alrih"), 1_700_400_103, "ديوان الريح");
    channel.about =
        "قصائد قصيرة وصور هادئة. نكتب عند الفجر وننشر بعد القهوة.\nللمراسلة: @diwan_post"
            .to_owned();
    channel.avatar = Some("avatar-pattern.jpg");
    channel.audience = 8_214;
    channel.shows = "Poems in Arabic, from right to left: quotes, a voice, music, an album with gaps, a sticker that moves.";
    let mut drafts = openings();
    drafts.extend(verses());
    compose(&mut channel, now, TimeDelta::hours(20), drafts);
    channel
}

fn openings() -> Vec<Draft> {
    vec![
        service(ServiceMessage::Created),
        service(ServiceMessage::PhotoRemoved),
        text("أهلا بكم في ديوان الريح. هنا قصيدة كل يوم، أو صورة، أو صمت جميل."),
        photo("dunes.jpg", "قافلة تمشي على مهل، كأن الوقت رمل لا ينفد.\n\n#صحراء #صور")
            .likes(&[("❤", 640), ("🌹", 122)]),
        text("**إلى البحر**\n\nيا بحر، خذ من صوتي ما يفيض،\nودع لي ما يكفي لأغنية.\n\n#شعر"),
        text("> من عرف الطريق لم يسأل الريح عن اسمها.\n\nمن دفتر قديم، بلا تاريخ."),
        voice("قراءة بصوت الشاعر: «إلى البحر»."),
        text("سألني كثيرون عن اللحن في آخر التسجيل: هو دندنة لا أكثر.").answers(1),
        photo("arch.jpg", "قوس ونخلة وقمر لا يستعجل. 🌙").likes(&[("❤", 410)]),
        music("فرقة النخيل", "مقام الصباح", "لحن للطريق الطويل."),
        text(
            "١. اقرأ ببطء.\n٢. اقرأ بصوت مسموع.\n٣. أعد القراءة بعد سنة.\n\n__نصائح لقراءة الشعر__",
        ),
        poll(
            "متى تقرؤون الشعر؟",
            PollKind::Anonymous,
            502,
            &[("عند الفجر", 201), ("في الطريق", 99), ("قبل النوم", 180), ("لا أقرأ، أستمع فقط", 22)],
        ),
        text("لوحة من صديقنا في الشمال، وعندهم البحر بدل الرمل.").skip(1),
        photo("lighthouse.jpg", "Evening, from our side.")
            .forwarded("Tidewater Light", Some("tidewater/15"))
            .written_by("Ada Merrow"),
        text("شكرا لكم على ألف رسالة. سأجيب عنها واحدة واحدة، وهذا وعد قد يطول. 🙏")
            .edited()
            .likes(&[("❤", 902), ("🙏", 310), ("👏", 77)]),
    ]
}

fn verses() -> Vec<Draft> {
    vec![
        gapped_album(&[(0, "dunes.jpg"), (1, "arch.jpg"), (3, "pattern.jpg"), (4, "moonrise.jpg"), (7, "boat.jpg")], "خمس صور من الأرشيف. كانت ثماني، وحذفنا ما تكرر. #صور").likes(&[("🔥", 188)]),
        text("**رسالة**\n\nكتبت لك على ورق الماء،\nفقرأها المطر قبلك.\nلا بأس:\nالمطر صديق قديم.\n\n#شعر #رسائل"),
        sticker(Sticker::Film("gull.webm", "gull.webp")),
        text("النورس تحية من المنارة البعيدة @tidewater، وصل متأخرا ومعه ملح كثير."),
        photo("pattern.jpg", "ثماني رؤوس لكل نجمة، ونجمة لكل صبر. من جدار في البيت القديم.\n#زخرفة #هندسة").likes(&[("😍", 505)]),
        text("مقالة عن الوزن والقافية لمن يبدأ الآن: https://arud.example/start").card(["https://arud.example/start", "دروس العروض", "من أين أبدأ؟", "مدخل قصير إلى بحور الشعر، مع أمثلة مسموعة."], PreviewPicture::Small("pattern.jpg")),
        text("||الجواب: الظل.||"),
        text("كان السؤال: ما الذي يكبر كلما ابتعدت عنه الشمس؟ الجواب مخفي أعلاه. 🤫").answers(1),
        video(KETTLE, "القهوة أولا."),
        text("ردا على سؤال المكتبة: نعم، نرسل نسخة ورقية، والبريد يعرف طريقه.").answers_elsewhere("zenit_library/5", "Библиотека «Зенит»", "Режим работы на праздники"),
        text(">> في البدء كان الصوت، ثم جاء الحرف ليحرسه. وبين الصوت والحرف مسافة اسمها الشعر، يمشيها كل قارئ وحده، ويصل كل مرة إلى مكان آخر. لا تسألوا عن الطريق، فالطريق هو القصيدة.\n\nمن مقدمة الديوان، الطبعة الثانية."),
        album(&["moonrise.jpg", "dunes.jpg", "arch.jpg"], ""),
        text("تصحيح: القصيدة المنشورة أمس لشاعرة لا لشاعر. المعذرة لها وللقراء. [النص الكامل](https://diwan.example/poems?id=12&page=3)").edited(),
        service(ServiceMessage::Pinned("نصائح لقراءة الشعر".to_owned())),
        text("**شتاء**\n\nفي المدفأة جمر يقرأ،\nوفي النافذة ثلج لا يصل،\nوبينهما أنا،\nأترجم لكل منهما ما يقول الآخر.\n\n#شعر #شتاء").likes(&[("❤", 611)]),
        photo("boat.jpg", "مركب صغير وشمس كبيرة. لا حاجة إلى عنوان. #صور"),
        text("خبر صغير: صار للديوان ألف قارئ في أسبوع واحد. من أين جئتم كلكم؟ 🌿").signed("سلمى النخيلي"),
        text("**وصية**\n\nإذا مت فاكتبوا على الباب:\nخرج ليشتري خبزا،\nوسيتأخر.\n\n#شعر"),
        text("نصيحة اليوم: لا تشرح القصيدة لمن بكى، ولا تعتذر لمن ضحك."),
        text("صباح الخير. اليوم بلا قصيدة: انظروا من النافذة، فهي تكفي. ☁️").likes(&[("❤", 333), ("☁️", 21)]),
        text("**سفر**\n\nحملت البيت في كتفي\nفخف،\nوحملت الشوق\nفثقل الطريق.\n\n#شعر #سفر").likes(&[("❤", 777), ("🕊", 90)]),
    ]
}
