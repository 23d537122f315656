//! English.

use super::{Changed, How, News, Words};
use crate::letter::Occasion;

pub(super) static WORDS: Words = Words {
    language: "en",
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: |weekday, day, month, year| match year {
        Some(year) => format!("{weekday} {day} {month} {year}"),
        None => format!("{weekday} {day} {month}"),
    },

    subject: |occasion, title, when| match occasion {
        Occasion::Confirmation => format!("Confirmed: {title}, {when}"),
        Occasion::Change => format!("Changed: {title}, {when}"),
        Occasion::Cancellation => format!("Cancelled: {title}, {when}"),
    },
    greeting: |name| format!("Hello {name},"),
    heading: |news, with| {
        let session = match with {
            Some(with) => format!("Your session with {with}"),
            None => "Your session".to_owned(),
        };
        match news {
            News::Confirmed => format!("{session} is confirmed."),
            News::Changed(Changed::Time) => format!("{session} has moved."),
            News::Changed(Changed::Host) => "Your session has another host.".to_owned(),
            News::Changed(Changed::TimeAndHost) => {
                "Your session has moved, and has another host.".to_owned()
            }
            News::Changed(Changed::Link) => match with {
                Some(with) => format!("You have a new link for your session with {with}."),
                None => "You have a new link for your session.".to_owned(),
            },
            News::Changed(Changed::Other) => format!("{session} has changed."),
            News::Cancelled => format!("{session} is cancelled."),
        }
    },
    state: |occasion| match occasion {
        Occasion::Confirmation => "Confirmed",
        Occasion::Change => "Changed",
        Occasion::Cancellation => "Cancelled",
    },
    people: |names, more| match (names, more) {
        ([], _) => String::new(),
        ([one], 0) => (*one).to_owned(),
        ([most @ .., last], 0) => format!("{} and {last}", most.join(", ")),
        (some, more) => format!("{} and {more} more", some.join(", ")),
    },

    when: "When",
    with: "With",
    place: "Where",
    before: "Before",
    service: "What",
    reason: "Reason",
    number: "Meeting number",
    passcode: "Passcode",

    online: |provider| match provider {
        Some(provider) => format!("Online, by {provider}"),
        None => "Online".to_owned(),
    },
    phone: "By phone",
    in_person: "In person",

    setting_up: "The room is still being set up. Your link works already: open it when it is time, \
                 and it takes you in.",
    being_arranged: "The practice is arranging the room for this session. Your link stays the same: it takes \
                     you in once the room is there.",
    no_room: |reason, click| {
        let click = click.map(|(words, link)| format!(" {words}: {link}")).unwrap_or_default();
        format!("There is no room for this session, and none is being made. {reason}{click}")
    },
    button: |how| match how {
        How::Online => "Open your session",
        How::Phone | How::InPerson => "See your booking",
    },
    new_link: "Your link is a new one. The link in earlier mails does not open the session any more.",
    early: |how| match how {
        How::Online => "Be there 5 minutes early, so that camera and sound are ready.",
        How::Phone => "Be ready 5 minutes early.",
        How::InPerson => "Be there 5 minutes early.",
    },
    change_until: |when| format!("You can change or cancel it on the same page until {when}."),
    yours_alone: "The link is yours alone. Please do not pass it on.",
    calendar: |occasion| match occasion {
        Occasion::Confirmation => "The attached file puts the session into your calendar.",
        Occasion::Change => "The attached file changes the entry in your calendar.",
        Occasion::Cancellation => "The attached file takes the session out of your calendar.",
    },
    nothing_to_do: "There is nothing that you need to do.",
    ask: |practice, contact| format!("Anything unclear? Ask {practice}: {contact}"),
    answer_this: |practice| format!("Anything unclear? Answer this mail, and {practice} reads it."),
    footer: |practice| format!("Sent by Roomkey for {practice}."),

    join: "Join",
};
