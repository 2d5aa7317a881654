//! `cha_yu_lun`: tea and bicycles, in Chinese. The corner for odd cards of links and odd films.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{
    Draft, KETTLE, WHEEL, album, compose, document, gif, photo, poll, round, service, sticker,
    text, video, voice,
};
use super::name;
use crate::demo::channel::Channel;
use crate::demo::message::{
    PollKind, PreviewPicture, ServiceMessage, Sticker, Video, Views, Wrapping,
};

pub(super) fn channel(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("Cha_Yu_Lun"), 1_700_400_104, "茶与轮 🍵");
    channel.about =
        "骑车去喝茶，喝完茶再骑回来。\n每周三条路线，每天一杯茶。联系：@cha_yu_lun_bot".to_owned();
    channel.avatar = Some("avatar-tea.jpg");
    channel.audience = 992;
    channel.shows = "Tea and bicycles, in Chinese: tall and wide pictures, films, cards of links of every shape, custom emoji.";
    let mut drafts = routes();
    drafts.extend(cups());
    compose(&mut channel, now, TimeDelta::hours(11), drafts);
    channel
}

fn routes() -> Vec<Draft> {
    vec![
        service(ServiceMessage::Created),
        text("大家好！这里记录两件小事：一杯茶，一段路。#开始"),
        photo("bicycle.jpg", "新车到了。后面的篮子刚好放下一套茶具和一件雨衣。#自行车").likes(&[("👍", 88), ("🚲", 31)]),
        photo("terraces.jpg", "周六的路线：山下出发，爬升四百米，茶园在第三个弯。\n\n**里程**：32 公里\n**难度**：中等\n**奖励**：一壶新茶").likes(&[("❤", 140)]),
        photo("scroll.jpg", "长图：从山脚到山顶，一共七层雾。请慢慢往下看。#山水"),
        gif(WHEEL, "出发。"),
        video(WHEEL, "四秒钟，听不见风，但是看得见。"),
        text("下坡时请想着刹车，上坡时请想着茶。"),
        text("昨天的里程：四十一公里。昨天的茶：四杯。看来每杯茶大约等于十公里，多出来的一公里是去找茶馆的路。#统计"),
        text("想加入周三夜骑的朋友，请带好前后灯和一个**自己的杯子**。集合地点还是老地方：钟楼下面，七点整，不等懒人。"),
        poll("这个周末去哪里？（选项有点长，请耐心读完）", PollKind::Anonymous, 64, &[
            ("沿着河一直骑到老桥，在桥头的茶馆里坐一个下午，看别人钓鱼，傍晚之前慢慢骑回来", 30),
            ("去北边的山上看日出，凌晨四点出发，带上头灯、热水和一点点勇气", 12),
            ("哪里也不去，把车洗干净，把茶柜整理好，给远方的朋友写一封信", 22),
        ]).poll(|poll| poll.multiple = true),
        document("周六路线.gpx", "18.6 KB", "路线文件，导入码表即可。"),
        text("修车笔记：\n\n```bash\nsudo apt install patience\n```\n开个玩笑，其实只需要两根撬棒和 `一块补胎片`。"),
        round(KETTLE),
        text("有人问为什么叫“茶与轮”。因为“轮与茶”听起来像一家修车店，而我们只会修心情。"),
        text("本周读到的一句话：\n> 路不会催你，茶也不会。").likes(&[("❤", 61)]),
        text("从俱乐部转来的提醒，大家留意。").skip(2),
        text("明天上午河边施工，请绕行东岸。").forwarded("城南骑行俱乐部", Some("south_riders/77")),
        album(&["teacup.jpg", "kettle.mp4", "terraces.jpg", "wheel.mp4"], "{5389033296086709487|🍵} 一天的四个瞬间：一杯、一壶、一山、一轮。").likes(&[("❤", 95)]),
        text("照片里的杯子在哪里买？在旧货市场，五块钱，老板还送了一个故事。").answers(1),
    ]
}

fn cups() -> Vec<Draft> {
    vec![
        photo("teacup.jpg", "今天的茶：安静的绿色。水温八十五度，等两分钟，不要看手机。#茶 #绿茶").likes(&[("🍵", 120), ("👍", 44)]).edited(),
        text("推荐一个短片：https://videos.example/steam").card(["https://videos.example/steam", "Videos", "蒸汽的形状", "三秒钟的水开了。"], PreviewPicture::Film(KETTLE)),
        text("一篇只有文字的好文章：https://essays.example/slow").card(["https://essays.example/slow", "慢读", "为什么要慢", "快是为了到，慢是为了在路上。"], PreviewPicture::None),
        text("这个网站没有标题，但是有态度：https://plain.example/").card(["https://plain.example/", "plain.example", "", "没有标题的网站，写没有标题的日子。"], PreviewPicture::Small("teacup.jpg")),
        text("https://pictures.example/42").card(["https://pictures.example/42", "", "", ""], PreviewPicture::Large("terraces.jpg")),
        text("https://empty.example/").card(["https://empty.example/", "", "", ""], PreviewPicture::None),
        sticker(Sticker::Still("moon.webp")),
        text("晚安。#晚安"),
        text("雨天作业：\n1. 擦车\n2. 泡茶\n3. 听雨\n\n顺序可以颠倒，__但不要省略第三项__。").likes(&[("☔", 73)]),
        text("有读者问：骑车和喝茶，哪个更重要？我们开会讨论了三个小时，会上喝了六壶，然后骑车回家，忘了结论。"),
        video(Video { file: None, poster: None, seconds: 1_805, size: (1920, 1080) }, "完整的三十分钟，页面放不下，请在应用里看。"),
        photo("dunes.jpg", "来自远方的明信片：那边的朋友写诗，我们喝茶。@diwan_alrih").wrapped(Wrapping::Twice),
        voice("水开的声音（其实是我哼的）。").views(Views::Empty),
        album(&["bicycle.jpg", "teacup.jpg"], ""),
        text("问答时间！\n> 问：茶要喝几泡？\n> 答：喝到不想骑车为止。\n\n更多问题请发到 @cha_yu_lun_bot，或者写信：cha@lun.example").likes(&[("😁", 52)]),
        text("链条要上油，茶壶不要。❤️‍🔥 今天的路：\n1. [河岸段](https://routes.example/?id=1&side=east)\n2. [老桥段](https://routes.example/?id=2&side=west)\n\n#路线 #周末"),
        photo("bicycle.jpg", "").skip(3),
        text("夕阳五分钟，一年看不厌。").answers(1),
        text("早上好。水在烧，胎压正常，天气晴。☀️ #早安").likes(&[("☀️", 17)]),
    ]
}
