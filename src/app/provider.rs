//! Log-in by an account elsewhere: a provider of OpenID Connect (Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0), authorization code
//! flow with PKCE (RFC 7636), answers told apart by who gave them (RFC 9207).
//!
//! The library makes the requests and checks the tokens; time, randomness and connections are ours.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RequestTokenError,
    Scope, StandardErrorResponse, StandardTokenResponse, SubjectIdentifier, TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::app::App;
use crate::app::fetch::{Client, FetchError};
use crate::core::clock::{MINUTE_MS, Time};

/// Where a provider sends browsers back to.
pub const BACK: &str = "/login/provider/back";
/// Longest wait for an answer of the provider.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer of the provider.
const MAX_BYTES: u64 = 1 << 18;
/// How long what the provider says of itself is believed; whoever comes back has it asked anew, for its keys.
const BELIEVED_MS: i64 = 60 * MINUTE_MS;
/// How far the provider's clock may be ahead of ours, and how old a token may be that it has only just made.
const SKEW: Duration = Duration::from_mins(5);
/// How tokens may be signed: by a key of which the provider shows the public half.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Metadata that the library doesn't read by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Further {
    #[serde(default)]
    end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Further {}

/// Claims beyond the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rest(Map<String, Value>);

impl AdditionalClaims for Rest {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Rest,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Asking = openidconnect::Client<
    Rest,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How this server is registered with a provider.
pub struct Registered {
    /// The provider's address as it names itself.
    pub issuer: String,
    /// What it calls this server.
    pub client: String,
    /// The secret that it gave out.
    pub secret: Zeroizing<String>,
    /// What people call it.
    pub name: String,
    /// The claim that tells accounts apart.
    pub claim: String,
    /// What addresses of pages begin with.
    pub origin: String,
}

/// How the library's requests are made: in bounded time and space, without following anybody elsewhere.
struct Http(Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = FetchError;
    type Future = BoxFuture<'c, Result<HttpResponse, FetchError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.exchange(request, MAX_BYTES))
    }
}

/// A provider, which may be away for a while.
pub struct Provider {
    registered: Registered,
    issuer: IssuerUrl,
    back: RedirectUrl,
    http: Http,
    known: Mutex<Option<(Time, Arc<Metadata>)>>,
}

/// The provider of a server, chosen once at its start.
#[derive(Default)]
pub(in crate::app) struct Chosen(OnceLock<Provider>);

/// What one browser alone brings along on its way there and back: neither is kept here.
pub struct Bound {
    /// Comes back inside the token.
    pub nonce: Zeroizing<String>,
    /// Shown when the token is fetched.
    pub verifier: Zeroizing<String>,
}

/// Somebody's account, as the provider vouches for it.
pub struct Account {
    /// What tells it apart from all others of this provider.
    pub subject: Zeroizing<String>,
    /// What the provider calls its holder; empty where it doesn't say.
    pub label: String,
}

/// What a browser brought back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Back {
    /// The ask that it answers.
    pub state: String,
    /// To fetch the token with.
    code: String,
    /// Who sends it.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Why an account could not be told.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider doesn't answer, or not as it should.
    #[error("the provider is away: {0}")]
    Away(String),
    /// Its holder broke off.
    #[error("cancelled at the provider")]
    Cancelled,
    /// What came back is not the provider's word about whoever asked.
    #[error("refused: {0}")]
    Refused(String),
}

impl Provider {
    /// A provider that has registered this server.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(registered: Registered) -> Result<Self, String> {
        let bad = |error| format!("oidc.issuer = \"{}\": {error}", registered.issuer);
        let issuer = IssuerUrl::new(registered.issuer.clone()).map_err(bad)?;
        let back = RedirectUrl::new(format!("{}{BACK}", registered.origin)).map_err(|error| error.to_string())?;
        Ok(Self { registered, issuer, back, http: Http(Client::new(PATIENCE)), known: Mutex::new(None) })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.registered.name
    }

    /// Its address as it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.registered.issuer
    }

    /// Where a browser goes that asks.
    ///
    /// # Errors
    /// `Away`.
    pub async fn address(&self, now: Time, state: String, bound: &Bound) -> Result<String, ProviderError> {
        let metadata = self.metadata(now, BELIEVED_MS).await?;
        let nonce = Nonce::new(bound.nonce.to_string());
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(bound.verifier.to_string()));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let asking = self.asking(&metadata);
        let ask = asking.authorize_url(flow, move || CsrfToken::new(state), move || nonce);
        let (url, _, _) = ask.add_scope(Scope::new("profile".to_owned())).set_pkce_challenge(challenge).url();
        Ok(url.into())
    }

    /// The account that a browser brought back word of.
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn account(&self, now: Time, back: Back, bound: &Bound) -> Result<Account, ProviderError> {
        let metadata = self.metadata(now, 0).await?;
        let told = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        if back.iss.as_ref().map_or(told, |iss| *iss != self.registered.issuer) {
            return Err(refused("the answer comes from somebody else"));
        }
        match back.error.as_deref() {
            None => {}
            Some("access_denied") => return Err(ProviderError::Cancelled),
            Some(_) => return Err(refused("the provider refused the request")),
        }
        let asking = self.asking(&metadata);
        let tokens = self.tokens(&asking, back.code, bound).await?;
        let (subject, mut claims) = checked(&asking, &tokens, now, bound)?;
        let lacks = text(&claims, &self.registered.claim).is_none() || label(&claims).is_none();
        if lacks && let Ok(asked) = asking.user_info(tokens.access_token().clone(), Some(subject)) {
            let asked: BoxFuture<'_, Result<UserInfoClaims<Rest, CoreGenderClaim>, _>> =
                Box::pin(asked.request_async(&self.http));
            let further = asked.await.map_err(|error| ProviderError::Away(error.to_string()))?;
            add(&mut claims, serde_json::to_value(further).unwrap_or_default());
        }
        let subject = text(&claims, &self.registered.claim);
        let subject = subject.ok_or_else(|| refused("the claim that tells accounts apart is missing"))?;
        Ok(Account { subject: Zeroizing::new(subject), label: label(&claims).unwrap_or_default() })
    }

    /// Where a browser that logged out here logs out there, too, where the provider has that.
    pub async fn out(&self, now: Time) -> Option<String> {
        let metadata = self.metadata(now, BELIEVED_MS).await.ok()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let home = PostLogoutRedirectUrl::new(format!("{}/", self.registered.origin)).ok()?;
        let request = LogoutRequest::from(end).set_client_id(ClientId::new(self.registered.client.clone()));
        Some(request.set_post_logout_redirect_uri(home).http_get_url().into())
    }

    async fn tokens(&self, asking: &Asking, code: String, bound: &Bound) -> Result<Tokens, ProviderError> {
        let exchange = asking.exchange_code(AuthorizationCode::new(code));
        let exchange = exchange.map_err(|error| ProviderError::Away(error.to_string()))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(bound.verifier.to_string()));
        let asked: BoxFuture<'_, Result<Tokens, _>> = Box::pin(exchange.request_async(&self.http));
        asked.await.map_err(|error| match error {
            RequestTokenError::ServerResponse(said) => ProviderError::Refused(said.error().as_ref().to_owned()),
            // What was answered may hold a token: it is not written down.
            RequestTokenError::Parse(..) => ProviderError::Away("no token was answered".to_owned()),
            RequestTokenError::Request(error) => ProviderError::Away(error.to_string()),
            RequestTokenError::Other(error) => ProviderError::Away(error),
        })
    }

    /// What the provider says of itself, unless it was asked within `believed_ms`.
    async fn metadata(&self, now: Time, believed_ms: i64) -> Result<Arc<Metadata>, ProviderError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = |at: Time| (0..believed_ms).contains(&(now.ms() - at.ms()));
        if let Some((_, metadata)) = known.filter(|(at, _)| fresh(*at)) {
            return Ok(metadata);
        }
        let asked: BoxFuture<'_, Result<Metadata, _>> =
            Box::pin(Metadata::discover_async(self.issuer.clone(), &self.http));
        let metadata = Arc::new(asked.await.map_err(|error| ProviderError::Away(error.to_string()))?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&metadata)));
        Ok(metadata)
    }

    fn asking(&self, metadata: &Metadata) -> Asking {
        let secret = ClientSecret::new(self.registered.secret.to_string());
        let client = ClientId::new(self.registered.client.clone());
        let asking = Asking::from_provider_metadata(metadata.clone(), client, Some(secret));
        let ways = metadata.token_endpoint_auth_methods_supported();
        let in_head = ways.is_none_or(|ways| ways.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let way = if in_head { AuthType::BasicAuth } else { AuthType::RequestBody };
        asking.set_redirect_uri(self.back.clone()).set_auth_type(way)
    }
}

fn refused(why: &str) -> ProviderError {
    ProviderError::Refused(why.to_owned())
}

/// The claims of a token that this provider made just now, for this server and this ask (OpenID Connect Core 1.0, 3.1.3.7).
fn checked(
    asking: &Asking,
    tokens: &Tokens,
    now: Time,
    bound: &Bound,
) -> Result<(SubjectIdentifier, Value), ProviderError> {
    let token = tokens.id_token().ok_or_else(|| refused("no token"))?;
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.ms()).unwrap_or(0));
    let just_made = move |issued: SystemTime| {
        let apart = at.duration_since(issued).unwrap_or_else(|ahead| ahead.duration());
        if apart <= SKEW { Ok(()) } else { Err("it was not made just now".to_owned()) }
    };
    let verifier = asking.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || at.into());
    let verifier = verifier.set_issue_time_verifier_fn(move |issued| just_made(issued.into()));
    let claims = token.claims(&verifier, &Nonce::new(bound.nonce.to_string()));
    let claims = claims.map_err(|error| ProviderError::Refused(error.to_string()))?;
    Ok((claims.subject().clone(), serde_json::to_value(claims).unwrap_or_default()))
}

/// Adds claims that are not there yet.
fn add(claims: &mut Value, further: Value) {
    let (Value::Object(claims), Value::Object(further)) = (claims, further) else { return };
    for (name, value) in further {
        claims.entry(name).or_insert(value);
    }
}

/// A claim that is a text with something in it.
fn text(claims: &Value, name: &str) -> Option<String> {
    claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What the provider calls the holder.
fn label(claims: &Value) -> Option<String> {
    ["name", "preferred_username"].into_iter().find_map(|name| text(claims, name))
}

impl App {
    /// Says where people may log in by an account elsewhere, once, before anybody does.
    pub fn choose_provider(&self, provider: Provider) {
        // A second choice would be a fault of the program's start; the first holds.
        let _ = self.provider_chosen().0.set(provider);
    }

    /// Where people may log in by an account elsewhere.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        self.provider_chosen().0.get()
    }
}
