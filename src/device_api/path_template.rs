//! Finds the operation of a path: compares it with the templates of the document.

/// Returns whether a path matches a template, in which `{name}` or `:name` stands for one segment.
pub(super) fn fits(template: &str, path: &str) -> bool {
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return true,
            (Some(segment), Some(value)) if segment == value || segment.starts_with([':', '{']) => {}
            _ => return false,
        }
    }
}
