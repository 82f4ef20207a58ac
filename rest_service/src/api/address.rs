//! Whose address a request comes from, behind the proxies that the operator named.
//!
//! What is honoured is `X-Forwarded-For` and nothing else (`Forwarded` of RFC 7239 is not): each proxy adds the address
//! that it saw at the end, so the list is read from there, for as long as the reader is a proxy that is trusted. What
//! a caller wrote is further to the front and is never reached. A hop that cannot be read ends the reading: the caller
//! then counts as the proxy that wrote it, and chooses nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Where a proxy says whom it speaks for.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The caller behind a peer.
pub(super) fn of_caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == address);
    let mut nearest = peer.to_canonical();
    let values: Vec<&[u8]> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    // Several lines are one list (RFC 9110 §5.3). Bytes: one hop that is not text must not hide the others.
    let hops = values
        .iter()
        .rev()
        .flat_map(|value| value.rsplit(|byte| *byte == b','));
    for hop in hops {
        if !is_trusted(nearest) {
            break;
        }
        match std::str::from_utf8(hop).ok().and_then(hop_address) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// The address of a hop: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`; a zone
/// (`fe80::1%eth0`) is the proxy's own matter and left out.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim_matches([' ', '\t']);
    if let Some(rest) = hop.strip_prefix('[') {
        let (address, behind) = rest.split_once(']')?;
        if !behind.is_empty() {
            port(behind.strip_prefix(':')?)?;
        }
        return Some(IpAddr::V6(v6(address)?).to_canonical());
    }
    if let Some((address, behind)) = hop.split_once(':')
        && !behind.contains(':')
    {
        port(behind)?;
        return address.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    if let Ok(address) = hop.parse::<Ipv4Addr>() {
        return Some(IpAddr::V4(address));
    }
    Some(IpAddr::V6(v6(hop)?).to_canonical())
}

fn v6(text: &str) -> Option<Ipv6Addr> {
    let address = match text.split_once('%') {
        Some((address, zone)) => {
            let is_zone =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
            if zone.is_empty() || !zone.bytes().all(is_zone) {
                return None;
            }
            address
        }
        None => text,
    };
    address.parse().ok()
}

fn port(text: &str) -> Option<u16> {
    // `parse` takes a plus sign.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    //! The table of headers, forged and honest, from a proxy that is trusted and from a peer that is not.

    use super::*;

    /// The proxies of the table.
    const PROXIES: [&str; 3] = ["10.0.0.2", "10.0.0.3", "fd00::2"];

    /// Lines of the header; who the caller is behind the trusted proxy 10.0.0.2.
    const TABLE: [(&[&[u8]], &str); 42] = [
        // Honest ones.
        (&[], "10.0.0.2"),
        (&[b"192.0.2.1"], "192.0.2.1"),
        (&[b"192.0.2.1:51234"], "192.0.2.1"),
        (&[b"2001:db8::1"], "2001:db8::1"),
        (&[b"[2001:db8::1]"], "2001:db8::1"),
        (&[b"[2001:db8::1]:443"], "2001:db8::1"),
        (&[b"2001:DB8:0:0:0:0:0:1"], "2001:db8::1"),
        (&[b"::ffff:192.0.2.1"], "192.0.2.1"),
        (&[b"[::FFFF:c000:201]:80"], "192.0.2.1"),
        (&[b"fe80::1%eth0"], "fe80::1"),
        (&[b"[fe80::1%25eth0]:80"], "fe80::1"),
        (&[b"[fe80::1%eth0.7]:80"], "fe80::1"),
        (&[b" \t192.0.2.1 \t"], "192.0.2.1"),
        (&[b"192.0.2.1,10.0.0.3"], "192.0.2.1"),
        (&[b"192.0.2.1, 10.0.0.3:9, [FD00::2]:1"], "192.0.2.1"),
        (&[b"192.0.2.1", b"10.0.0.3"], "192.0.2.1"),
        (&[b"192.0.2.1, ::ffff:10.0.0.3"], "192.0.2.1"),
        // A request of the inner proxy itself.
        (&[b"10.0.0.3"], "10.0.0.3"),
        // Forged: what is in front of what a proxy saw is the caller's own.
        (&[b"1.1.1.1, 192.0.2.1"], "192.0.2.1"),
        (&[b"1.1.1.1", b"192.0.2.1:4"], "192.0.2.1"),
        (&[b"10.0.0.3, 192.0.2.1"], "192.0.2.1"),
        (&[b"10.0.0.2, 10.0.0.3, 192.0.2.1"], "192.0.2.1"),
        (&[b"1.1.1.1, 192.0.2.1:4, 10.0.0.3"], "192.0.2.1"),
        (&[b"garbage, 192.0.2.1"], "192.0.2.1"),
        (&[b"\xff\xfe, 192.0.2.1"], "192.0.2.1"),
        (&[b", 192.0.2.1"], "192.0.2.1"),
        // Not to be read: the caller is whoever wrote it, and no hop in front is looked at.
        (&[b"1.1.1.1, garbage"], "10.0.0.2"),
        (&[b"1.1.1.1, unknown"], "10.0.0.2"),
        (&[b"1.1.1.1, _hidden"], "10.0.0.2"),
        (&[b"1.1.1.1, "], "10.0.0.2"),
        (&[b"1.1.1.1", b""], "10.0.0.2"),
        (&[b"1.1.1.1, garbage, 10.0.0.3"], "10.0.0.3"),
        (&[b"1.1.1.1, 192.0.2.1:99999"], "10.0.0.2"),
        (&[b"1.1.1.1, 192.0.2.1:+80"], "10.0.0.2"),
        (&[b"1.1.1.1, 192.0.2.1:"], "10.0.0.2"),
        (&[b"1.1.1.1, 192.0.2.01"], "10.0.0.2"),
        (&[b"1.1.1.1, 0x7f.1"], "10.0.0.2"),
        (&[b"1.1.1.1, [192.0.2.1]"], "10.0.0.2"),
        (&[b"1.1.1.1, [2001:db8::1"], "10.0.0.2"),
        (&[b"1.1.1.1, [2001:db8::1]x"], "10.0.0.2"),
        (&[b"1.1.1.1, \"192.0.2.1\""], "10.0.0.2"),
        (&[b"1.1.1.1, for=192.0.2.1"], "10.0.0.2"),
    ];

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn a_caller_is_who_a_trusted_proxy_saw_and_never_who_it_says_it_is() {
        let trusted = PROXIES.map(|proxy| proxy.parse().unwrap());
        let mapped: IpAddr = "::ffff:10.0.0.2".parse().unwrap();
        for (lines, expected) in TABLE {
            let headers = headers(lines);
            let shown: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
            let expected: IpAddr = expected.parse().unwrap();
            for peer in ["10.0.0.2".parse().unwrap(), mapped] {
                assert_eq!(of_caller(peer, &headers, &trusted), expected, "{shown:?}");
            }
            // From anybody else, or with nobody trusted, the header counts for nothing.
            for stranger in ["198.51.100.7", "::ffff:198.51.100.7", "10.0.0.4"] {
                let stranger: IpAddr = stranger.parse().unwrap();
                let counted = of_caller(stranger, &headers, &trusted);
                assert_eq!(counted, stranger.to_canonical(), "{shown:?}");
            }
            assert_eq!(
                of_caller(mapped, &headers, &[]).to_string(),
                "10.0.0.2",
                "{shown:?}"
            );
        }
    }

    #[test]
    fn forwarded_is_not_honoured() {
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", HeaderValue::from_static("for=1.1.1.1"));
        headers.insert("x-real-ip", HeaderValue::from_static("1.1.1.1"));
        let proxy = "10.0.0.2".parse().unwrap();
        assert_eq!(of_caller(proxy, &headers, &[proxy]), proxy);
    }
}
