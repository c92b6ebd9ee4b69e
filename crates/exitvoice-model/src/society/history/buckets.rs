//! Events to come, by year step, each year in the order in which its events were put in.
//!
//! A year's events stand in pieces of constant size. One list a year would be moved each time it outgrows its memory, into memory that the
//! system has to clear first: half of the page faults of a history came from there, and a tenth of its time.

/// Events of a piece: also those handled together by one thread, so that results do not depend on the number of threads.
const PIECE: usize = 8_192;

/// Events by year step.
#[derive(Clone, Debug)]
pub(crate) struct Buckets<T> {
    years: Vec<Vec<Vec<T>>>,
    /// The latest year whose events were taken: those before it are over.
    taken: usize,
}

impl<T> Buckets<T> {
    /// Nothing is to come, in `steps` years.
    pub(crate) fn new(steps: usize) -> Self {
        Self { years: (0..steps).map(|_| Vec::new()).collect(), taken: 0 }
    }

    /// Puts an event behind those of its year, which is not over: nobody would take it.
    pub(crate) fn push(&mut self, year: usize, event: T) {
        debug_assert!(year >= self.taken, "an event of year {year}, after those of year {}", self.taken);
        let pieces = &mut self.years[year];
        match pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(event),
            // The first piece of a year grows: a small country has a few events a year.
            None => pieces.push(vec![event]),
            Some(_) => {
                let mut next = Vec::with_capacity(PIECE);
                next.push(event);
                pieces.push(next);
            }
        }
    }

    /// Takes out the events of a year, in order: pieces of [`PIECE`], the last one shorter.
    pub(crate) fn take(&mut self, year: usize) -> Vec<Vec<T>> {
        self.taken = self.taken.max(year);
        std::mem::take(&mut self.years[year])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_in_order_whatever_their_number_and_once() {
        let sizes = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5];
        let mut buckets = Buckets::new(sizes.len());
        // Years take turns, as they do in a history.
        for event in 0..sizes[sizes.len() - 1] {
            for (year, size) in sizes.iter().enumerate() {
                if event < *size {
                    buckets.push(year, event);
                }
            }
        }
        for (year, size) in sizes.into_iter().enumerate() {
            let pieces = buckets.take(year);
            assert_eq!(pieces.len(), size.div_ceil(PIECE));
            assert!(pieces.iter().rev().skip(1).all(|piece| piece.len() == PIECE));
            assert_eq!(pieces.concat(), (0..size).collect::<Vec<_>>());
            assert!(buckets.take(year).is_empty());
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "an event of year 1, after those of year 2")]
    fn an_event_of_a_year_that_is_over_is_refused() {
        let mut buckets = Buckets::new(4);
        buckets.take(2);
        // The year at hand is still open: a clock can fall twice in it.
        buckets.push(2, ());
        buckets.push(1, ());
    }
}
