//! Who was there, from when to when: from what the vendor told of people who came and went, in any
//! order, however often, with some of it lost.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::id::RoomId;
use crate::time::Instant;

/// One person came in, or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Of which room.
    pub room: RoomId,
    /// Of which instance of it.
    pub instance: String,
    /// The vendor's name for the visit.
    pub visitor: String,
    /// Came in; else, went.
    pub came: bool,
    /// When.
    pub at: Instant,
    /// Whether the vendor says that they are the host.
    pub is_host: bool,
    /// The vendor's id of the user, of those who are signed in there.
    pub user: Option<String>,
    /// As they called themselves.
    pub name: Option<String>,
    /// Often unknown.
    pub email: Option<String>,
}

/// From when to when a room was open at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which room.
    pub room: RoomId,
    /// Which instance of it.
    pub instance: String,
    /// From.
    pub started_at: Option<Instant>,
    /// To; not yet, if there is none.
    pub ended_at: Option<Instant>,
}

/// A time that somebody spent inside; not over, if there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// From.
    pub from: Instant,
    /// To.
    pub to: Option<Instant>,
}

impl Stay {
    fn end(&self, now: Instant) -> Instant {
        self.to.unwrap_or(now).max(self.from)
    }
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// As they called themselves.
    pub name: Option<String>,
    /// Where it is known.
    pub email: Option<String>,
    /// The vendor's id of the user.
    pub user: Option<String>,
    /// Whether the vendor says that they are the host.
    pub is_host: bool,
    /// When they were inside, in order and apart from each other.
    pub stays: Vec<Stay>,
}

impl Attendee {
    /// How long they were inside, so far.
    #[must_use]
    pub fn total(&self, now: Instant) -> Duration {
        total(&self.stays, now)
    }

    /// Whether this may be the same person: by address, by the vendor's id, or, of those of whom
    /// neither is known, by the name, if one was gone when the other came.
    fn may_be(&self, other: &Self, now: Instant) -> bool {
        let known = |it: &Self| it.email.is_some() || it.user.is_some();
        if known(self) || known(other) {
            return (self.email.is_some() && self.email == other.email)
                || (self.user.is_some() && self.user == other.user);
        }
        let name = |it: &Self| it.name.as_ref().map(|name| name.trim().to_lowercase());
        let apart = self.stays.iter().all(|mine| {
            other
                .stays
                .iter()
                .all(|theirs| mine.end(now) <= theirs.from || theirs.end(now) <= mine.from)
        });
        name(self).is_some() && name(self) == name(other) && apart
    }
}

/// Who was there, the first first.
#[must_use]
pub fn attendees(marks: &[Mark], runs: &[Run], now: Instant) -> Vec<Attendee> {
    let mut visits: BTreeMap<(RoomId, &str, &str), Vec<&Mark>> = BTreeMap::new();
    for mark in marks {
        visits.entry((mark.room, &mark.instance, &mark.visitor)).or_default().push(mark);
    }
    let mut visits: Vec<Attendee> = visits
        .into_iter()
        .map(|((room, instance, _), mut marks)| {
            marks.sort_by_key(|mark| (mark.at, !mark.came));
            let run = runs.iter().find(|run| run.room == room && run.instance == instance);
            visit(&marks, run)
        })
        .collect();
    visits.sort_by_key(|visit| visit.stays.first().map(|stay| stay.from));
    let mut people: Vec<Attendee> = Vec::new();
    for visit in visits {
        match people.iter_mut().find(|person| person.may_be(&visit, now)) {
            Some(person) => {
                person.is_host |= visit.is_host;
                person.name = person.name.take().or(visit.name);
                person.email = person.email.take().or(visit.email);
                person.user = person.user.take().or(visit.user);
                person.stays.extend(visit.stays);
                person.stays = merged(std::mem::take(&mut person.stays), now);
            }
            None => people.push(visit),
        }
    }
    people
}

/// One visitor of one instance. Who went and is not known to have come was there from its
/// beginning; who came and is not known to have gone, to its end.
fn visit(marks: &[&Mark], run: Option<&Run>) -> Attendee {
    let told = |read: fn(&Mark) -> Option<&String>| marks.iter().find_map(|it| read(it)).cloned();
    let mut stays: Vec<Stay> = Vec::new();
    let mut inside: Option<Instant> = None;
    for mark in marks {
        match (mark.came, inside) {
            (true, None) => inside = Some(mark.at),
            (false, Some(from)) => {
                stays.push(Stay { from, to: Some(mark.at) });
                inside = None;
            }
            (false, None) if stays.is_empty() => {
                let from = run.and_then(|run| run.started_at).map_or(mark.at, |it| it.min(mark.at));
                stays.push(Stay { from, to: Some(mark.at) });
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    if let Some(from) = inside {
        let to = run.and_then(|run| run.ended_at).map(|ended| ended.max(from));
        stays.push(Stay { from, to });
    }
    Attendee {
        name: told(|it| it.name.as_ref()),
        email: told(|it| it.email.as_ref()),
        user: told(|it| it.user.as_ref()),
        is_host: marks.iter().any(|it| it.is_host),
        stays,
    }
}

/// From when to when the session really was, if it was: while the vendor says that a room was open,
/// or, where it has not said so, while somebody was inside.
#[must_use]
pub fn sitting(runs: &[Run], people: &[Attendee], now: Instant) -> Vec<Stay> {
    let open: Vec<Stay> = runs
        .iter()
        .filter_map(|run| Some(Stay { from: run.started_at?, to: run.ended_at }))
        .collect();
    let stays = if open.is_empty() {
        people.iter().flat_map(|person| person.stays.iter().copied()).collect()
    } else {
        open
    };
    merged(stays, now)
}

/// How long stays that are apart are together.
#[must_use]
pub fn total(stays: &[Stay], now: Instant) -> Duration {
    stays.iter().map(|stay| stay.end(now).since(stay.from)).sum()
}

fn merged(mut stays: Vec<Stay>, now: Instant) -> Vec<Stay> {
    stays.sort_by_key(|stay| (stay.from, stay.end(now)));
    let mut apart: Vec<Stay> = Vec::new();
    for stay in stays {
        match apart.last_mut() {
            Some(last) if stay.from <= last.end(now) => {
                last.to = match (last.to, stay.to) {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    (None, _) | (_, None) => None,
                };
            }
            Some(_) | None => apart.push(stay),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: u64) -> Instant {
        Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(minutes * 60))
    }

    fn mark(visitor: &str, came: bool, minutes: u64, name: &str, email: Option<&str>) -> Mark {
        Mark {
            room: RoomId::new(at(0), [1; 10]),
            instance: "u".to_owned(),
            visitor: visitor.to_owned(),
            came,
            at: at(minutes),
            is_host: false,
            user: None,
            name: Some(name.to_owned()),
            email: email.map(str::to_owned),
        }
    }

    fn run(started: u64, ended: Option<u64>) -> Run {
        Run {
            room: RoomId::new(at(0), [1; 10]),
            instance: "u".to_owned(),
            started_at: Some(at(started)),
            ended_at: ended.map(at),
        }
    }

    fn session() -> Vec<Mark> {
        vec![
            mark("1", true, 0, "Rui", Some("rui@practice.example")),
            mark("2", true, 2, "Ana", None),
            mark("2", false, 10, "Ana", None),
            mark("3", true, 12, "Ana", None),
            mark("3", false, 50, "Ana", None),
            mark("4", true, 20, "iPhone", None),
            mark("5", true, 21, "iPhone", None),
            mark("4", false, 30, "iPhone", None),
            mark("5", false, 31, "iPhone", None),
            mark("6", false, 40, "Late", None),
            mark("1", false, 51, "Rui", Some("rui@practice.example")),
        ]
    }

    #[test]
    fn visits_are_people() {
        let people = attendees(&session(), &[run(0, Some(51))], at(60));
        let told: Vec<_> = people
            .iter()
            .map(|it| {
                (
                    it.name.clone().unwrap_or_default(),
                    it.stays.len(),
                    it.total(at(60)).as_secs() / 60,
                )
            })
            .collect();
        let expected =
            [("Rui", 1, 51), ("Late", 1, 40), ("Ana", 2, 46), ("iPhone", 1, 10), ("iPhone", 1, 10)];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (name, stays, minutes) in expected {
            assert!(told.contains(&(name.to_owned(), stays, minutes)), "{name}: {told:?}");
        }
    }

    #[test]
    fn who_is_still_there_stays_until_the_room_closes() {
        let came = [mark("1", true, 5, "Ana", None)];
        let open = attendees(&came, &[run(0, None)], at(20));
        assert_eq!((open[0].stays[0].to, open[0].total(at(20)).as_secs()), (None, 15 * 60));
        let closed = attendees(&came, &[run(0, Some(12))], at(20));
        assert_eq!(closed[0].stays, [Stay { from: at(5), to: Some(at(12)) }]);
    }

    #[test]
    fn a_room_that_was_opened_twice_counts_both_times() {
        let mut second = run(30, Some(40));
        second.instance = "v".to_owned();
        let stays = sitting(&[second, run(0, Some(20))], &[], at(60));
        assert_eq!(total(&stays, at(60)).as_secs(), 30 * 60);
        assert_eq!(
            (stays.first().map(|it| it.from), stays.last().and_then(|it| it.to)),
            (Some(at(0)), Some(at(40)))
        );
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(order in prop::collection::vec(0..11_usize, 0..40)) {
            let marks = session();
            let mut told: Vec<Mark> = Vec::new();
            for index in order.iter().copied().chain(0..marks.len()) {
                told.push(marks[marks.len() - 1 - index].clone());
            }
            told.dedup_by(|one, other| one == other);
            let runs = [run(0, Some(51))];
            let mut all = attendees(&told, &runs, at(60));
            let mut expected = attendees(&marks, &runs, at(60));
            let key = |it: &Attendee| (it.stays[0].from, it.name.clone());
            all.sort_by_key(key);
            expected.sort_by_key(key);
            prop_assert_eq!(all, expected);
        }
    }
}
