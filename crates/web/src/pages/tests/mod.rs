//! What holds for every page, tested on every sample.

mod contrast;
mod doors;
mod forms;
mod hygiene;
mod markup;
