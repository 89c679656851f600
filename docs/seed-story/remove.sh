#!/bin/sh
# Removes what plant.sh planted: the trust policy as it was, and no namespace. Safe to interrupt, and to run
# again; the kept trust policy is deleted last.
set -eu
. "$(dirname "$0")/common.sh"

restore_trust_policy() {
    if [ ! -f "$SAVED" ]; then
        say "$SAVED does not exist: nothing was planted from here, or it was restored already."
        if present_trust_policy | grep -qF "\"$ISSUER:aud\": \"$WRONG\""; then
            refuse "role $ROLE still has audience $WRONG. Restore it from the machine where plant.sh ran, or" \
                "run the runbook: its report holds the corrected policy"
        fi
        return
    fi
    run aws iam update-assume-role-policy --role-name "$ROLE" --policy-document "file://$SAVED"
    restart_controller
}

# Before it is deleted: the driver that makes the volume is the one that must delete it.
wait_for_application() {
    change_cluster --namespace "$NAMESPACE" rollout status statefulset/orders --timeout=5m ||
        say "Pod orders-0 did not start within 5 minutes; if the driver still fails, ask the runbook why."
}

remove_application() {
    case $(namespace_and_label) in
    "") say "Namespace $NAMESPACE is gone already." ;;
    "$NAMESPACE=planted")
        wait_for_application
        change_cluster delete namespace "$NAMESPACE"
        ;;
    *) say "Namespace $NAMESPACE is not of this story; it stays." ;;
    esac
    change_cluster delete storageclass --selector "$LABEL=planted"
}

read_arguments "$@"
find_cluster
restore_trust_policy
remove_application
rm -f "$SAVED" "$SAVED.planted" "$SAVED.part"

say ""
say "Removed. It works again when every container of the controller is ready, and no volume of the story is left:"
say "    kubectl --context $CONTEXT --namespace kube-system get pods --selector app=ebs-csi-controller"
say "    kubectl --context $CONTEXT get pv | grep $NAMESPACE/"
