//! Where an address is, from an offline database when the operator has configured one.

use std::{net::IpAddr, path::Path};

/// A MaxMind database of cities, or none.
#[derive(Default)]
pub struct Places {
    reader: Option<maxminddb::Reader<Vec<u8>>>,
}

impl Places {
    /// Opens the database at `path`.
    ///
    /// # Errors
    /// When the file is not there or is no such database.
    pub fn open(path: &Path) -> Result<Self, maxminddb::MaxMindDbError> {
        Ok(Self { reader: Some(maxminddb::Reader::open_readfile(path)?) })
    }

    /// `City, Region, Country` in English, as far as known.
    pub fn find(&self, address: IpAddr) -> Option<String> {
        let city: maxminddb::geoip2::City<'_> =
            self.reader.as_ref()?.lookup(address).ok()?.decode().ok()??;
        let region = city.subdivisions.first().and_then(|region| region.names.english);
        let parts: Vec<&str> =
            [city.city.names.english, region, city.country.names.english].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
