//! Use cases: the sequencer, projections, jobs and the demo district.
