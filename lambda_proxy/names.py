"""Names that redaction goes by: what is kept of maps that are dropped, and what tells a secret."""

from __future__ import annotations

KEPT_ENV = frozenset(
    {
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_ENDPOINT",
        "AWS_REGION",
        "AWS_ROLE_ARN",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "CSI_ENDPOINT",
        "CSI_NODE_NAME",
    }
)
KEPT_ANNOTATIONS = frozenset(
    {
        "deployment.kubernetes.io/revision",
        "eks.amazonaws.com/audience",
        "eks.amazonaws.com/role-arn",
        "eks.amazonaws.com/sts-regional-endpoints",
        "eks.amazonaws.com/token-expiration",
        "kubectl.kubernetes.io/restartedAt",
        "storageclass.beta.kubernetes.io/is-default-class",
        "storageclass.kubernetes.io/is-default-class",
        "volume.beta.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/selected-node",
        "volume.kubernetes.io/storage-provisioner",
        "volumes.kubernetes.io/controller-managed-attach-detach",
    }
)
KEPT_ANNOTATION_PREFIXES = ("pv.kubernetes.io/", "volume.beta.kubernetes.io/")
# These say where a value comes from, not what it is: "secret not found" cannot be told without them.
KEPT_SOURCES = ("fieldRef", "resourceFieldRef", "secretKeyRef", "configMapKeyRef")

# Lists of name and value, or maps of names to values; keys here are lower-case without - and _.
NAMED_VALUES = frozenset({"env", "environment", "httpheaders"})
SECRET_KEYS = frozenset(
    {
        "accesstoken",
        "apikey",
        "authorization",
        "authorizationtoken",
        "bearertoken",
        "clientkeydata",
        "clientsecret",
        "idtoken",
        "passwd",
        "password",
        "passworddata",
        "privatekey",
        "privatekeymaterial",
        "pwd",
        "refreshtoken",
        "secret",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "securitytoken",
        "sessiontoken",
        "token",
    }
)
