//! Geographic points with the accuracy of their coordinates.

/// The mean radius of the earth.
const EARTH_KILOMETERS: f64 = 6371.0;

/// A point on the earth.
#[derive(Clone, Copy, Debug)]
pub struct GeoPoint {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Accuracy radius; 0 when it is unknown.
    pub radius_kilometers: f64,
}

impl GeoPoint {
    /// The minimum distance between the two points in kilometers: the great-circle distance minus both
    /// accuracy radii, at least 0.
    pub fn kilometers_at_least_to(&self, other: &Self) -> f64 {
        (self.kilometers_to(other) - self.radius_kilometers - other.radius_kilometers).max(0.0)
    }

    /// The great-circle distance in kilometers, by the haversine formula.
    fn kilometers_to(&self, other: &Self) -> f64 {
        let half_chord = |one: f64, other: f64| ((other - one).to_radians() / 2.0).sin().powi(2);
        let (north, east) =
            (half_chord(self.latitude, other.latitude), half_chord(self.longitude, other.longitude));
        let parallels = self.latitude.to_radians().cos() * other.latitude.to_radians().cos();
        2.0 * EARTH_KILOMETERS * (north + parallels * east).sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(latitude: f64, longitude: f64, radius_kilometers: f64) -> GeoPoint {
        GeoPoint { latitude, longitude, radius_kilometers }
    }

    const LISBON: GeoPoint = at(38.72, -9.14, 0.0);
    const BERLIN: GeoPoint = at(52.52, 13.40, 0.0);

    #[test]
    fn distances_agree_with_the_known_great_circle_distances() {
        for (one, other, kilometers) in [
            (LISBON, BERLIN, 2311.0),
            (LISBON, LISBON, 0.0),
            (at(0.0, 0.0, 0.0), at(0.0, 180.0, 0.0), 20_015.0),
            (at(-17.7, 178.0, 0.0), at(-17.7, -178.0, 0.0), 424.0),
        ] {
            let [there, back] = [one.kilometers_to(&other), other.kilometers_to(&one)];
            assert!((there - kilometers).abs() < 5.0 && (there - back).abs() < 0.001, "{there} {kilometers}");
        }
    }

    #[test]
    fn accuracy_radii_are_subtracted_from_the_distance() {
        let exact = LISBON.kilometers_at_least_to(&BERLIN);
        let vague = at(38.72, -9.14, 100.0).kilometers_at_least_to(&at(52.52, 13.40, 50.0));
        assert!((exact - vague - 150.0).abs() < 0.001);
        assert!(LISBON.kilometers_at_least_to(&at(38.7, -9.2, 1000.0)) < 0.001);
    }
}
