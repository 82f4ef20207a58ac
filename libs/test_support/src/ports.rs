//! Ports that nobody listens on.

use std::net::{Ipv4Addr, TcpStream};

use uuid::Uuid;

/// Below what systems hand to outgoing connections (32768 and up), so that a server can be stopped and come
/// back on its port.
const RANGE: std::ops::Range<u16> = 15_000..32_000;

/// A loopback port that nobody listens on, random, so that test processes side by side rarely pick the same.
///
/// A server that can bind port 0 by itself should do that instead.
pub fn free_port() -> u16 {
    loop {
        let (random, _) = Uuid::new_v4().as_u64_pair();
        let offset = random % u64::from(RANGE.end - RANGE.start);
        let port = RANGE.start + u16::try_from(offset).unwrap_or_default();
        // Not a trial `bind`: a process that is being started elsewhere would inherit the socket for a moment,
        // and the port would be taken.
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            return port;
        }
    }
}
