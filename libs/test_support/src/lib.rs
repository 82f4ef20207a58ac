//! Throw-away servers, isolation per test, waiting for states, and the tidy test.
