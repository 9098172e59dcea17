// Where the two servers differ, and why. A difference without a reason is a failed test, and so is a reason without difference.

export const reasons: Readonly<Record<string, string>> = {
  'authorize: response_type=token':
    'RFC 6749 §4.2.2.1 sends errors of the implicit grant by fragment. We have no implicit grant, and a code client reads the query.',
  'authorize: response_type=code id_token':
    'The hybrid flow is left out of OAuth 2.1; the library knows it and misses a nonce.',
  'authorize: response_mode=fragment':
    'Codes in fragments are for pages that run in a browser; nobody in MCP asks for them.',
  'authorize: response_mode=nonsense': 'RFC 6749 has no code for it; invalid_request is what every client knows.',
  'authorize: a scope that is not known':
    'RFC 6749 §3.3 lets a server ignore it or refuse. A scope of another MCP server is a mistake that its developer should hear of.',
  'token: a client assertion that is no JWT':
    'RFC 6749 §5.2, RFC 7521 §4.2.1: an assertion that says nothing authenticates nobody: invalid_client.',
  'token: GET': 'RFC 9110 §15.5.6: the address exists, the method does not.',
  'revoke: no authentication': 'RFC 7009 §2.1: a client that does not say who it is has failed to authenticate.',
  'metadata: acr_values_supported': 'RFC 9470: a step-up names the level of the login that it wants.',
  'metadata: claim_types_supported': 'The value that it has when it is left out.',
  'metadata: claims_supported': 'What our ID tokens and userinfo may say.',
  'metadata: client_id_metadata_document_supported':
    'MCP asks for it, and clients look for it; the library has it as an experiment that is off.',
  'metadata: grant_types_supported': 'OAuth 2.1 has no implicit grant; machines have client_credentials.',
  'metadata: id_token_signing_alg_values_supported': 'The library signs with RS256 unless it is given other keys.',
  'metadata: prompt_values_supported': 'Initiating User Registration 1.0 §4; the library does not publish it.',
  'metadata: protected_resources': 'RFC 9728 §4: the MCP servers that are registered here.',
  'metadata: pushed_authorization_request_endpoint': 'The library has it on by default; ours comes later.',
  'metadata: introspection_endpoint': 'Confidential clients and MCP servers ask it; the library has it off by default.',
  'metadata: introspection_endpoint_auth_methods_supported': 'It goes with the endpoint; whoever asks authenticates.',
  'metadata: introspection_endpoint_auth_signing_alg_values_supported':
    'It goes with private_key_jwt (RFC 8414 §2), which the library has for the token endpoint.',
  'metadata: registration_endpoint': 'Most MCP clients register themselves; the library has it off by default.',
  'metadata: request_parameter_supported': 'Request objects are not supported, which we say.',
  'metadata: response_modes_supported': 'Codes travel in the query, and nowhere else.',
  'metadata: response_types_supported': 'OAuth 2.1 has one response type.',
  'metadata: revocation_endpoint_auth_methods_supported':
    'RFC 8414 §2: left out it would mean client_secret_basic only.',
  'metadata: revocation_endpoint_auth_signing_alg_values_supported':
    'It goes with private_key_jwt (RFC 8414 §2), which the library has for the token endpoint.',
  'metadata: scopes_supported': 'Scopes of MCP servers stand in the metadata of each: no token is for several of them.',
  'metadata: dpop_signing_alg_values_supported': 'The algorithms of proofs that each side verifies.',
  'metadata: token_endpoint_auth_signing_alg_values_supported': 'No symmetric algorithms, see above.',
  'metadata: token_endpoint_auth_methods_supported':
    'No symmetric assertions: a secret that signs must be stored readable.',
}
