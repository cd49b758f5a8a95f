//! The API's description (OpenAPI 3.1), put together from the handlers and the table of routes, and the same as a page.

use axum::Json;
use axum::http::Method;
use axum::response::Html;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::http::access::{Attempts, Endpoint, Rule, Who};
use crate::http::problem::MEDIA_TYPE;
use crate::http::problem_page::escape;
use crate::http::session::{PLAIN_COOKIE, SECURE_COOKIE};
use crate::http::{api, assets};

/// Handlers with their `#[utoipa::path]`. A test compares this list with the table of routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "sunvote",
        description = "Village decisions in six open steps, on a record that anyone can check. Errors are problem \
                       documents (RFC 9457). Whatever changes something needs the session cookie, an `x-csrf` header \
                       with the session's token, and comes from this site only."
    ),
    paths(
        document,
        crate::http::act::login::challenge,
        crate::http::act::login::log_in,
        crate::http::act::pairing::ask,
        crate::http::act::pairing::asking,
        crate::http::act::pairing::answer,
        crate::http::act::pairing::asked,
        crate::http::act::pairing::hand_over,
        crate::http::act::pairing::handed_over,
        crate::http::act::statements::submit,
        crate::http::act::statements::add_signature,
        crate::http::act::deliveries::deliver,
        crate::http::act::enrol::answer,
        crate::http::act::enrol::answers,
        crate::http::act::cards::make,
        crate::http::act::cards::answers,
        crate::http::act::cards::evaluate,
        crate::http::act::cards::prove,
        crate::http::act::cards::answer,
        crate::http::act::door::live,
        crate::http::act::door::note,
        api::warnings::warnings,
        api::villages::townships,
        api::villages::of_township,
        api::villages::villages,
        api::villages::village,
        api::matters::matters,
        api::matters::matter,
        api::sessions::sessions,
        api::sessions::session,
        api::hall::hall,
        api::record::entries,
        api::record::checkpoint,
        api::record::receipt,
    )
)]
struct Described;

/// The OpenAPI document, with who may use each operation taken from the table of routes.
#[must_use]
pub fn assembled() -> Value {
    // The description holds strings and maps only: serialising can't fail.
    let mut document = serde_json::to_value(Described::openapi()).unwrap_or_default();
    for endpoint in Endpoint::ALL {
        let rule = endpoint.rule();
        let method = rule.method.as_str().to_ascii_lowercase();
        if let Some(Value::Object(operation)) =
            document["paths"].get_mut(rule.path).and_then(|item| item.get_mut(&method))
        {
            operation.insert("x-who-may".to_owned(), json!(who_may(&rule)));
            match rule.who {
                Who::Anyone | Who::Public => None,
                Who::Program(_) => operation.insert("security".to_owned(), json!([{ "program": [] }])),
                _ => operation.insert("security".to_owned(), json!([{ "session": [] }])),
            };
            for (status, why) in refusals(&rule, operation) {
                if operation["responses"].get(status).is_none() {
                    operation["responses"][status] = json!({ "description": why });
                }
            }
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                if status.starts_with(['4', '5']) {
                    response["content"] =
                        json!({ MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } });
                }
            }
        }
    }
    document["components"]["schemas"]["Problem"] = problem();
    document["components"]["securitySchemes"]["session"] = json!({
        "type": "apiKey", "in": "cookie", "name": SECURE_COOKIE,
        "description": format!("Set by logging in; on plain loopback its name is `{PLAIN_COOKIE}`."),
    });
    document["components"]["securitySchemes"]["program"] = json!({
        "type": "http", "scheme": "bearer", "description": "A token that the operator made with `sunvote admin token`.",
    });
    document
}

/// The form of every error (RFC 9457), as `problem.rs` writes it.
fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "what_to_do"],
        "properties": {
            "type": { "type": "string", "description": "Address of the page that explains it" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "type": "string", "description": "Stable: programs act on it" },
            "what_to_do": { "type": "string" },
            "rule": { "type": "string", "description": "The rule of the law that is broken" },
            "refusal": { "type": "string", "description": "A refusal that the log has signed" },
            "request": { "type": "string", "description": "The number under which the server's own log has it" },
        },
    })
}

/// What the gate and the layers around a handler may answer for it.
fn refusals(rule: &Rule, operation: &Map<String, Value>) -> Vec<(&'static str, &'static str)> {
    let mut refusals = Vec::new();
    if matches!(rule.who, Who::SignedIn | Who::Roles(_)) {
        refusals.push(("401", "Not logged in"));
        refusals.push(("403", "Not for this person's roles, or not in this village, or without the session's token"));
    } else if rule.method != Method::GET {
        refusals.push(("403", "It comes from another site, or without the session's token"));
    }
    if matches!(rule.who, Who::Program(_)) {
        refusals.push(("401", "Without a token, or with one that is not for this, or no longer"));
    }
    if rule.path.contains('{') {
        refusals.push(("404", "There is nothing of that name"));
    }
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if parameters.is_some_and(|all| all.iter().any(|one| one["in"] == "query")) {
        refusals.push(("400", "A parameter can't be read"));
    }
    if operation.contains_key("requestBody") {
        refusals.push(("400", "The body is no JSON"));
        refusals.push(("413", "The body is too large"));
        refusals.push(("415", "The body is not said to be JSON"));
        refusals.push(("422", "The body has another form"));
    }
    if rule.attempts != Attempts::Free {
        refusals.push(("429", "Too many attempts: send it again after Retry-After seconds"));
    }
    refusals
}

fn who_may(rule: &Rule) -> String {
    match rule.who {
        Who::Anyone | Who::Public => "everyone".to_owned(),
        Who::SignedIn => "whoever is logged in".to_owned(),
        Who::Roles(roles) => roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(", "),
        Who::ThisMachine => "programs on the server's machine".to_owned(),
        Who::Program(what) => format!("programs with a token for {what}"),
        Who::Servers => "other servers of the district".to_owned(),
    }
}

/// `GET /api/v1/openapi.json`.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "description",
    summary = "This description",
    responses((status = 200, description = "An OpenAPI 3.1 document", content_type = "application/json"))
)]
pub async fn document() -> Json<Value> {
    Json(assembled())
}

/// `GET /api/v1/docs`: the description as a page, without script.
pub async fn page() -> Html<String> {
    let document = assembled();
    let mut body = format!("<p>{}</p>", text(&document["info"]["description"]));
    body.push_str("<p><a href=\"openapi.json\">openapi.json</a></p>");
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            body.push_str(&operation_section(path, method, operation));
        }
    }
    body.push_str("<h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let pretty = serde_json::to_string_pretty(schema).unwrap_or_default();
        let name = escape(name);
        body.push_str(&format!(
            "<section id=\"schema-{name}\"><h3>{name}</h3><pre>{}</pre></section>",
            escape(&pretty)
        ));
    }
    let (title, style) = (text(&document["info"]["title"]), assets::all().url("app.css"));
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} API</title>\
         <link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main><h1>{title} API</h1>{body}</main></body></html>\n"
    ))
}

fn operation_section(path: &str, method: &str, operation: &Value) -> String {
    let mut section = format!(
        "<section><h2><code>{} {}</code></h2><p>{}</p><p>{}</p><p>Who may: {}</p>",
        escape(&method.to_ascii_uppercase()),
        escape(path),
        text(&operation["summary"]),
        text(&operation["description"]),
        text(&operation["x-who-may"]),
    );
    if let Some(parameters) = operation["parameters"].as_array() {
        section.push_str("<h3>Parameters</h3><dl>");
        for parameter in parameters {
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let about = text(&parameter["description"]);
            section.push_str(&format!("<dt><code>{name}</code> ({place})</dt><dd>{about}</dd>"));
        }
        section.push_str("</dl>");
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        section.push_str(&format!("<h3>Sends</h3>{}", contents(content)));
    }
    section.push_str("<h3>Answers</h3><dl>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let shapes = response["content"].as_object().map(contents).unwrap_or_default();
        let about = text(&response["description"]);
        section.push_str(&format!("<dt><code>{}</code></dt><dd>{about}{shapes}</dd>", escape(status)));
    }
    section.push_str("</dl></section>");
    section
}

/// Media types with their schema: a link if it has a name.
fn contents(content: &Map<String, Value>) -> String {
    let shape = |(media, body): (&String, &Value)| {
        let named = body["schema"]["$ref"].as_str().and_then(|target| target.rsplit('/').next()).map(escape);
        let schema = named.map(|name| format!(" <a href=\"#schema-{name}\">{name}</a>")).unwrap_or_default();
        format!("<p><code>{}</code>{schema}</p>", escape(media))
    };
    content.iter().map(shape).collect()
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::assembled;
    use crate::http::access::{Area, Endpoint};

    #[test]
    fn every_address_of_the_api_is_described_and_no_other() {
        let document = assembled();
        let mut described = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            described.extend(item.as_object().expect("an item").keys().map(|method| (method.clone(), path.clone())));
        }
        let api = Endpoint::ALL.iter().map(|endpoint| endpoint.rule()).filter(|rule| rule.area == Area::Api);
        let mut expected: Vec<_> =
            api.map(|rule| (rule.method.as_str().to_ascii_lowercase(), rule.path.to_owned())).collect();
        described.sort();
        expected.sort();
        assert_eq!(described, expected);
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn what_the_gate_may_refuse_is_described() {
        let document = assembled();
        let answers = |path: &str, method: &str| {
            let responses = document["paths"][path][method]["responses"].as_object().expect("responses");
            responses.keys().cloned().collect::<Vec<_>>()
        };
        let submit = answers("/api/v1/villages/{code}/statements", "post");
        assert_eq!(submit, ["201", "202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"]);
        assert_eq!(answers("/api/v1/login", "post"), ["204", "400", "403", "413", "415", "422", "429"]);
        assert_eq!(answers("/api/v1/villages/{code}/checkpoint", "get"), ["200", "404"]);
    }
}
