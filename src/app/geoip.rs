//! Locates network addresses with an offline database, when the operator has configured one.

use super::geo_point::GeoPoint;
use crate::limits::push::FAR_FROM_PHONE_KILOMETERS;
use maxminddb::geoip2::City;
use std::{net::IpAddr, path::Path};

/// A MaxMind database of cities, or none.
#[derive(Default)]
pub struct GeoIp {
    reader: Option<maxminddb::Reader<Vec<u8>>>,
}

impl GeoIp {
    /// Opens the database at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or is no MaxMind database.
    pub fn open(path: &Path) -> Result<Self, maxminddb::MaxMindDbError> {
        Ok(Self { reader: Some(maxminddb::Reader::open_readfile(path)?) })
    }

    /// Returns `City, Region, Country` in English, as far as known; `None` without any of them.
    pub fn find(&self, address: IpAddr) -> Option<String> {
        let city = self.look_up(address)?;
        let region = city.subdivisions.first().and_then(|region| region.names.english);
        let parts: Vec<&str> =
            [city.city.names.english, region, city.country.names.english].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Whether both addresses can be located and are far from each other.
    pub fn are_far_apart(&self, one: IpAddr, other: IpAddr) -> bool {
        let (Some(one), Some(other)) = (self.locate(one), self.locate(other)) else { return false };
        one.kilometers_at_least_to(&other) > FAR_FROM_PHONE_KILOMETERS
    }

    fn locate(&self, address: IpAddr) -> Option<GeoPoint> {
        let location = self.look_up(address)?.location;
        Some(GeoPoint {
            latitude: location.latitude?,
            longitude: location.longitude?,
            radius_kilometers: f64::from(location.accuracy_radius.unwrap_or_default()),
        })
    }

    fn look_up(&self, address: IpAddr) -> Option<City<'_>> {
        self.reader.as_ref()?.lookup(address).ok()?.decode().ok()?
    }
}
