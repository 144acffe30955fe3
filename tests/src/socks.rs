//! The server's side of SOCKS 5 (RFC 1928), without a password and without a connection
//! to anywhere.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Answers a greeting and a request to connect to a name.
pub(crate) fn accept(stream: &mut TcpStream) -> io::Result<()> {
    let [version, methods] = read(stream)?;
    assert_eq!(version, 5, "not SOCKS 5");
    skip(stream, methods)?;
    stream.write_all(&[5, 0])?;
    let [version, command, _, kind, length] = read(stream)?;
    assert_eq!((version, command, kind), (5, 1, 3), "not a request to connect to a name");
    skip(stream, length)?;
    let [_, _] = read(stream)?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
}

fn read<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(stream: &mut TcpStream, count: u8) -> io::Result<()> {
    stream.read_exact(&mut vec![0; count.into()])
}
