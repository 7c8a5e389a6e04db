//! A state that is made anew, in windows of any size.

use std::sync::Arc;

use letopis_types::LedgerId;

use super::*;
use crate::open::OpenError;
use crate::rebuild::Rebuilding;

fn rebuild(world: &World, ledger: LedgerId, name: &str, window: usize) -> Result<(), OpenError> {
    let state = Arc::new(world.state(name).0);
    let mut rebuilding = Rebuilding::begin(ledger, Arc::clone(&state))?;
    rebuilding.0.window_events = window;
    world.events().iter().try_for_each(|event| rebuilding.take(event))?;
    rebuilding.finish()?;
    Arc::into_inner(state).expect("nobody else has it").close()?;
    Ok(())
}

#[test]
fn the_state_is_the_same_however_many_events_it_takes_in_at_once() {
    let (world, running) = office_at_work();
    running.close();
    let live = world.digest("state");
    for window in [1, 2, 5, 1000] {
        let name = format!("window-{window}");
        rebuild(&world, id(), &name, window).unwrap();
        assert_eq!(world.digest(&name), live, "{window}");
    }
}

#[test]
fn a_state_that_can_not_be_rebuilt_says_why() {
    let (world, running) = office_at_work();
    running.close();
    for window in [1, 1000] {
        let failed = rebuild(&world, LedgerId([9; 32]), &format!("foreign-{window}"), window);
        assert!(matches!(failed, Err(OpenError::State(_))), "{window}: {failed:?}");
    }
}
