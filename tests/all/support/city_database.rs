//! Writes a small offline GeoIP database, like those that operators buy.
//!
//! Spec: MaxMind DB file format 2.0.

use std::{io::Write, net::Ipv4Addr};
use tempfile::NamedTempFile;

/// A network of 256 addresses and its location.
pub struct City {
    /// Any address of the network.
    pub network: &'static str,
    pub name: &'static str,
    pub latitude: f64,
    pub longitude: f64,
    /// The radius of uncertainty.
    pub radius_kilometers: u16,
}

/// Bits of a network.
const PREFIX: u8 = 24;

/// Writes a file with these cities; it is deleted with the handle.
pub fn write(cities: &[City]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(&database(cities)).expect("room on the disk");
    file
}

#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    Data(usize),
}

fn database(cities: &[City]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[Record::Nothing; 2]], Vec::new());
    for city in cities {
        let address: Ipv4Addr = city.network.parse().expect("an address");
        insert(&mut nodes, address.into(), data.len());
        data.extend(value_of(city));
    }
    let tree = nodes.iter().flatten().flat_map(|record| {
        let value = match *record {
            Record::Nothing => nodes.len(),
            Record::Node(node) => node,
            Record::Data(offset) => nodes.len() + 16 + offset,
        };
        let [_, high, middle, low] = u32::try_from(value).expect("a small database").to_be_bytes();
        [high, middle, low]
    });
    let tree: Vec<u8> = tree.collect();
    [tree, vec![0; 16], data, b"\xab\xcd\xefMaxMind.com".to_vec(), metadata(nodes.len())].concat()
}

fn insert(nodes: &mut Vec<[Record; 2]>, address: u32, offset: usize) {
    let mut node = 0;
    for bit in 0..PREFIX {
        let side = usize::from(address >> (31 - bit) & 1 == 1);
        if bit == PREFIX - 1 {
            nodes[node][side] = Record::Data(offset);
            return;
        }
        node = match nodes[node][side] {
            Record::Node(next) => next,
            Record::Nothing | Record::Data(_) => {
                nodes.push([Record::Nothing; 2]);
                let next = nodes.len() - 1;
                nodes[node][side] = Record::Node(next);
                next
            }
        };
    }
}

fn value_of(city: &City) -> Vec<u8> {
    let names = map(&[("en", text(city.name))]);
    let location = map(&[
        ("latitude", double(city.latitude)),
        ("longitude", double(city.longitude)),
        ("accuracy_radius", unsigned(5, &city.radius_kilometers.to_be_bytes())),
    ]);
    map(&[("city", map(&[("names", names)])), ("location", location)])
}

fn metadata(nodes: usize) -> Vec<u8> {
    let count = u32::try_from(nodes).expect("a small database").to_be_bytes();
    map(&[
        ("node_count", unsigned(6, &count)),
        ("record_size", unsigned(5, &[24])),
        ("ip_version", unsigned(5, &[4])),
        ("database_type", text("Test-City")),
        ("languages", [vec![1, 4], text("en")].concat()),
        ("binary_format_major_version", unsigned(5, &[2])),
        ("binary_format_minor_version", unsigned(5, &[0])),
        ("build_epoch", vec![1, 2, 1]),
        ("description", map(&[("en", text("places of the tests"))])),
    ])
}

/// A type up to 7 and a size up to 28 share one byte.
fn control(kind: u8, size: usize) -> u8 {
    assert!(size < 29, "longer values have another encoding");
    kind << 5 | u8::try_from(size).expect("a small size")
}

fn text(text: &str) -> Vec<u8> {
    [&[control(2, text.len())], text.as_bytes()].concat()
}

fn double(value: f64) -> Vec<u8> {
    [&[control(3, 8)], value.to_be_bytes().as_slice()].concat()
}

fn unsigned(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[control(kind, bytes.len())], bytes].concat()
}

fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![control(7, members.len())];
    for (name, value) in members {
        bytes.extend(text(name));
        bytes.extend(value);
    }
    bytes
}
