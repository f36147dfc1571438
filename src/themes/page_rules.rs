//! Rules for every page in every state.

use super::{PAGES, PageEntry, Sample, asset, samples};
use std::collections::BTreeSet;

/// The pages of a sign-in: each has a Cancel button that returns to the relying party.
const SIGN_IN: [&str; 9] = [
    "identifier.",
    "password.",
    "new_password.",
    "push.",
    "totp.",
    "enroll.",
    "consent.",
    "denied.",
    "reported.",
];

fn all() -> Vec<Sample> {
    samples().unwrap()
}

/// The opening tags of elements with this name.
fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!("<{name}");
    html.match_indices(&opening)
        .map(|(start, _)| &html[start..start + html[start..].find('>').unwrap()])
        .filter(|tag| tag[opening.len()..].starts_with([' ', '\n']) || tag.len() == opening.len())
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

#[test]
fn every_page_has_samples_that_render_in_strict_mode_under_distinct_names() {
    for page in &PAGES {
        assert!(!(page.samples)().unwrap().is_empty(), "{} has no sample", page.template);
    }
    let mut names: Vec<String> = all().into_iter().map(|sample| sample.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn no_page_has_inline_content_that_the_policy_forbids() {
    for Sample { name, html, .. } in all() {
        for script in tags(&html, "script") {
            assert!(attribute(script, "src").is_some(), "{name}: {script}");
        }
        assert!(!html.contains("<style") && !html.contains(" style="), "{name} has an inline style");
        assert!(!html.contains("javascript:"), "{name}");
        for handler in [" onclick=", " onload=", " onsubmit=", " onerror="] {
            assert!(!html.contains(handler), "{name} has {handler}");
        }
    }
}

#[test]
fn the_authorization_response_form_is_posted_by_a_classic_script() {
    // Other pages work without their module scripts; this one must not depend on module support, because a
    // browser without it (HtmlUnit, which the certification suite uses) would never reach the relying party.
    let html = all().into_iter().find(|sample| sample.name.starts_with("form_post.")).unwrap().html;
    let scripts = tags(&html, "script");
    assert!(
        matches!(scripts[..], [script] if script.contains(" defer ") && attribute(script, "type").is_none())
    );
    assert!(html.contains("<button class=\"primary\">"), "without scripts, a button posts the form");
}

#[test]
fn every_asset_named_by_a_page_exists() {
    for Sample { name, html, .. } in all() {
        let addresses: Vec<&str> = html.split('"').filter(|text| text.starts_with("/assets/")).collect();
        assert!(addresses.len() >= 2, "{name} needs a stylesheet and an icon");
        for address in addresses {
            assert!(asset(address.trim_start_matches("/assets/")).is_some(), "{name}: {address}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_none_hides_it_in_a_placeholder() {
    for Sample { name, html, .. } in all() {
        assert!(!html.contains("placeholder"), "{name}");
        for field in tags(&html, "input") {
            if attribute(field, "type") == Some("hidden") {
                continue;
            }
            let id = attribute(field, "id").unwrap_or_else(|| panic!("{name}: {field} has no id"));
            let is_wrapped = attribute(field, "type") == Some("checkbox");
            assert!(is_wrapped || html.contains(&format!("<label for=\"{id}\">")), "{name}: {field}");
        }
    }
}

#[test]
fn every_description_of_a_field_is_on_the_page() {
    for Sample { name, html, .. } in all() {
        for tag in tags(&html, "input").into_iter().chain(tags(&html, "section")) {
            let described = [attribute(tag, "aria-describedby"), attribute(tag, "aria-labelledby")];
            for id in described.into_iter().flatten().flat_map(str::split_whitespace) {
                assert!(html.contains(&format!(" id=\"{id}\"")), "{name}: {tag} points at {id}");
            }
        }
    }
}

#[test]
fn every_id_is_unique_on_its_page() {
    for Sample { name, html, .. } in all() {
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
    }
}

#[test]
fn every_page_has_one_heading_a_title_and_a_language() {
    for Sample { name, html, .. } in all() {
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert!(html.contains("<html lang=\"en\""), "{name}");
        assert!(html.contains(" – Northwind Cooperative</title>"), "{name}");
        assert!(!html.contains("<title> –") && !html.contains("<title>Error:  –"), "{name}");
    }
}

#[test]
fn every_page_of_a_sign_in_has_a_cancel_button_and_every_form_its_hidden_fields() {
    for Sample { name, html, .. } in all() {
        if !SIGN_IN.iter().any(|page| name.starts_with(page)) {
            continue;
        }
        assert!(html.contains("name=\"decision\" value=\"deny\""), "{name} has no Cancel button");
        let forms = html.matches("<form method=\"post\"").count();
        assert_eq!(html.matches("<input type=\"hidden\" name=\"csrf\"").count(), forms, "{name}");
        let handles = html.matches("type=\"hidden\" name=\"j\"").count()
            + html.matches("type=\"hidden\" name=\"r\"").count();
        assert_eq!(handles, forms, "{name}");
    }
}

#[test]
fn the_first_button_of_a_form_with_fields_is_never_cancel() {
    // The Enter key in a field presses the first button of its form.
    for Sample { name, html, .. } in all() {
        for form in html.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            let first = tags(form, "button").into_iter().find(|tag| !tag.contains("type=\"button\""));
            if first.is_some_and(|button| button.contains("value=\"deny\"")) {
                assert!(!form.contains("<label"), "{name}: the first button of a form with fields is Cancel");
            }
        }
    }
}

#[test]
fn the_elements_that_scripts_use_have_their_documented_ids_and_values() {
    let html = |name: &str| all().into_iter().find(|sample| sample.name == name).unwrap().html;
    let pending = html("push.pending");
    assert!(pending.contains("<strong id=\"number\" aria-hidden=\"true\">72</strong>"), "{pending}");
    assert!(pending.contains("id=\"push-state\" role=\"status\" data-state=\"pending\""), "{pending}");
    for state in ["delivered", "approved", "denied", "reported", "expired", "superseded"] {
        assert!(html(&format!("push.{state}")).contains(&format!("data-state=\"{state}\"")), "{state}");
    }
    assert!(!html("push.expired").contains("id=\"number\""), "an expired number is not shown");

    let offered = html("enroll.offered");
    assert!(offered.contains("id=\"enroll-qr\"") && offered.contains("<svg xmlns="));
    assert!(offered.contains("<a id=\"enroll-link\" href=\"https://id.northwind.example"), "{offered}");
    assert!(offered.contains("id=\"activation-code\">7K2MQ-X4T9C</"));
    for state in ["claimed", "completed", "wrong"] {
        assert!(html(&format!("enroll.{state}")).contains("name=\"confirmation\""), "{state}");
    }
}

#[test]
fn a_page_refreshes_without_scripts_only_while_it_waits() {
    for (name, is_waiting) in
        [("push.pending", true), ("push.delivered", true), ("push.expired", false), ("push.ready", false)]
    {
        let html = all().into_iter().find(|sample| sample.name == name).unwrap().html;
        assert_eq!(
            html.contains("<noscript><meta http-equiv=\"refresh\" content=\"4\">"),
            is_waiting,
            "{name}"
        );
    }
}

/// Collects the names in a context, such as `step.handle.name`, and `devices[]` for the items of a list.
fn names_of(context: &serde_json::Value, path: &str, names: &mut BTreeSet<String>) {
    match context {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                let dot = if path.is_empty() { "" } else { "." };
                names_of(value, &format!("{path}{dot}{name}"), names);
            }
        }
        serde_json::Value::Array(items) => {
            names.insert(format!("{path}[]"));
            items.iter().for_each(|item| names_of(item, &format!("{path}[]"), names));
        }
        _ => {
            names.insert(path.to_owned());
        }
    }
}

fn described(page: &PageEntry) -> String {
    let mut names = BTreeSet::new();
    let samples = (page.samples)().unwrap();
    samples.iter().for_each(|sample| names_of(&sample.context, "", &mut names));
    names.retain(|name| !name.starts_with("frame.") && !name.starts_with("step."));
    let mut groups: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let has_step = samples.iter().any(|sample| sample.context.get("step").is_some());
    groups.insert(0, if has_step { "frame, step" } else { "frame" }.to_owned());
    let states: Vec<&str> = samples.iter().filter_map(|sample| sample.name.split('.').nth(1)).collect();
    format!("### `{}`\n\nContext: {}.\nStates: {}.\n", page.template, groups.join(", "), states.join(", "))
}

#[test]
fn the_documentation_names_every_page_with_its_context_and_its_states() {
    let described: Vec<String> = PAGES.iter().map(described).collect();
    let described = described.join("\n");
    let documentation = include_str!("../../docs/themes.md");
    assert!(documentation.ends_with(&described), "the end of docs/themes.md should be:\n{described}");
}
