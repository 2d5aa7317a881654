//! Why a file does not come, in Russian.

use crate::media::{Error, Outage};

pub(super) fn title(error: &Error) -> &'static str {
    match error {
        Error::Service(_) => "Ошибка на нашей стороне",
        Error::Dead => "Файла больше нет",
        Error::Unsatisfiable { .. } => "Такой части нет",
        Error::Busy { .. } => "Слишком много файлов сразу",
        Error::Unreachable(_) => "Файл сейчас не получить",
        Error::Unfit => "Это не тот файл",
    }
}

pub(super) fn detail(error: &Error) -> String {
    let told = match error {
        Error::Service(error) => return error.to_string(),
        Error::Dead => {
            "Telegram больше не отдаёт этот файл, а пока отдавал, здесь его никто не открывал: сохраняется только то, что открывали. Откройте запись в Telegram."
        }
        Error::Unsatisfiable { length } => {
            return format!(
                "В файле {length} байт, и запрошенная часть лежит за его концом. Запросите файл целиком."
            );
        }
        Error::Busy { .. } => {
            "Из Telegram загружается слишком много файлов сразу. Попробуйте через несколько секунд."
        }
        Error::Unreachable(outage) => {
            return format!("{}. Попробуйте через минуту.", unreachable(*outage));
        }
        Error::Unfit => {
            "Серверы Telegram прислали нечто другого рода, и дальше оно не передаётся. Откройте запись в Telegram."
        }
    };
    told.to_owned()
}

fn unreachable(outage: Outage) -> String {
    match outage {
        Outage::Network => "Соединиться с серверами файлов Telegram не удалось".to_owned(),
        Outage::Slow => "Серверы файлов Telegram отвечают слишком долго".to_owned(),
        Outage::Status(status) => format!("Серверы файлов Telegram отвечают кодом {status}"),
    }
}
