# What plant.sh and remove.sh share: arguments, refusals, and where the trust policy is kept.
# They source it; it does nothing by itself.

GOOD=sts.amazonaws.com
WRONG=www.sts.amazonaws.com
LABEL=eks-runbook-seed-story
CLASS=seed-story-gp3

CLUSTER=
ROLE=
CONTEXT=
NAMESPACE=seed-story

say() { printf '%s\n' "$*" >&2; }

refuse() {
    say "$(basename "$0"): $*"
    exit 3
}

usage() {
    say "usage: sh $0 --cluster NAME --role NAME --context NAME [--namespace NAME]"
    say "  --cluster    the EKS cluster, one that nobody needs"
    say "  --role       name of the IAM role of service account kube-system/ebs-csi-controller-sa"
    say "  --context    the cluster's context in your kubeconfig; it is never guessed"
    say "  --namespace  is made, and removed with everything in it (default: seed-story)"
    exit 3
}

# Every command that changes something is shown before it runs.
run() {
    say "+ $*"
    "$@"
}

in_cluster() { kubectl --context "$CONTEXT" "$@"; }

change_cluster() { run kubectl --context "$CONTEXT" "$@"; }

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
        --cluster | --role | --context | --namespace)
            [ $# -ge 2 ] && [ -n "$2" ] || usage
            case $1 in
            --cluster) CLUSTER=$2 ;;
            --role) ROLE=$2 ;;
            --context) CONTEXT=$2 ;;
            --namespace) NAMESPACE=$2 ;;
            esac
            shift 2
            ;;
        *) usage ;;
        esac
    done
    [ -n "$CLUSTER" ] && [ -n "$ROLE" ] && [ -n "$CONTEXT" ] || usage
}

# The context must be this cluster's, else one cluster is broken by the name of another.
find_cluster() {
    found=$(aws eks describe-cluster --name "$CLUSTER" \
        --query 'cluster.[endpoint, identity.oidc.issuer, arn]' --output text)
    # shellcheck disable=SC2086  # three words
    set -- $found
    server=$(in_cluster config view --minify --output 'jsonpath={.clusters[0].cluster.server}')
    [ "$1" = "$server" ] ||
        refuse "context $CONTEXT is of $server, but cluster $CLUSTER is at $1; nothing was changed"
    ISSUER=${2#https://}
    account=${3#arn:*:eks:*:}
    account=${account%%:*}
    STATE=${XDG_STATE_HOME:-$HOME/.local/state}/eks-runbook/seed-story
    SAVED=$STATE/$account-$ROLE.json
}

present_trust_policy() {
    aws iam get-role --role-name "$ROLE" --query Role.AssumeRolePolicyDocument --output json
}

# All of them at once. A rollout would keep a replica that still holds good credentials, for up to an hour,
# and the volumes would go on being made. The Deployment makes the pods anew.
restart_controller() {
    change_cluster --namespace kube-system delete pods --selector app=ebs-csi-controller --wait=false
}

# "NAME=planted" when it is ours, "NAME=" when it is somebody else's, nothing when it does not exist.
namespace_and_label() {
    in_cluster get namespace "$NAMESPACE" --ignore-not-found \
        --output "jsonpath={.metadata.name}={.metadata.labels.$LABEL}"
}
