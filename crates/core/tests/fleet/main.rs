//! Several sessions on the seats of one connection, each planned by itself over what the others
//! hold: whatever comes, moves and goes, no seat runs more than it can, no day is overdrawn, nobody
//! is refused whom another way of seating would serve, and who was admitted has a room in time.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod fleet;
mod seating;
mod story;
