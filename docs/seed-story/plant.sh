#!/bin/sh
# Plants the seed story's fault in a real cluster: the role of the EBS CSI driver then accepts only tokens
# for www.sts.amazonaws.com, and a pod waits for its volume. It breaks the volumes of the WHOLE cluster
# (those that are mounted stay) until remove.sh has run. Safe to interrupt, and to run again.
set -eu
. "$(dirname "$0")/common.sh"

# IAM tells a change to all of its servers within some seconds; a token that an uninformed one accepts
# would be good for an hour.
PAUSE=${SEED_STORY_PAUSE:-20}

keep_trust_policy() {
    mkdir -p "$STATE"
    present_trust_policy >"$SAVED.part"
    if [ ! -f "$SAVED" ]; then
        # Whole or not at all: what is half written could not be restored.
        mv "$SAVED.part" "$SAVED"
        say "The trust policy as it is now is kept in $SAVED."
        return
    fi
    cmp -s "$SAVED.part" "$SAVED" || cmp -s "$SAVED.part" "$SAVED.planted" ||
        refuse "role $ROLE has been changed since the story was planted; run remove.sh, or delete $SAVED"
    say "The trust policy as it was before is in $SAVED already."
}

# Of this cluster's provider alone: other clusters may use the same role.
write_planted() {
    sed "s|\"$ISSUER:aud\": \"$GOOD\"|\"$ISSUER:aud\": \"$WRONG\"|" "$SAVED" >"$SAVED.planted"
    if cmp -s "$SAVED" "$SAVED.planted"; then
        rm -f "$SAVED" "$SAVED.planted"
        refuse "the trust policy of role $ROLE has no \"$ISSUER:aud\": \"$GOOD\"; nothing was changed"
    fi
}

refuse_other_roles() {
    arn=$(in_cluster --namespace kube-system get serviceaccount ebs-csi-controller-sa \
        --output 'jsonpath={.metadata.annotations.eks\.amazonaws\.com/role-arn}')
    [ "${arn##*/}" = "$ROLE" ] || refuse "service account kube-system/ebs-csi-controller-sa has" \
        "${arn:-no role by annotation}, not role $ROLE; nothing was changed"
    pods=$(in_cluster --namespace kube-system get pods --selector app=ebs-csi-controller --output name)
    [ -n "$pods" ] || refuse "no pod in kube-system has label app=ebs-csi-controller; nothing was changed"
}

refuse_other_namespaces() {
    case $(namespace_and_label) in
    "" | "$NAMESPACE=planted") ;;
    *) refuse "namespace $NAMESPACE exists and is not of this story; name another. Nothing was changed" ;;
    esac
}

lay_out_application() {
    change_cluster apply --filename - <<YAML
apiVersion: v1
kind: Namespace
metadata:
  name: $NAMESPACE
  labels: {$LABEL: planted}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: $CLASS
  labels: {$LABEL: planted}
provisioner: ebs.csi.aws.com
parameters: {type: gp3}
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Delete
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: orders
  namespace: $NAMESPACE
spec:
  serviceName: orders
  replicas: 1
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: orders
        image: registry.k8s.io/pause:3.10
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      storageClassName: $CLASS
      resources: {requests: {storage: 1Gi}}
YAML
}

read_arguments "$@"
find_cluster
refuse_other_roles
refuse_other_namespaces
keep_trust_policy
write_planted

undo="sh $(dirname "$0")/remove.sh --cluster $CLUSTER --role $ROLE --context $CONTEXT --namespace $NAMESPACE"
say "From here on cluster $CLUSTER makes and attaches no EBS volumes. Undo it at any time, also after Ctrl-C:"
say "    $undo"
run aws iam update-assume-role-policy --role-name "$ROLE" --policy-document "file://$SAVED.planted"
run sleep "$PAUSE"
restart_controller
lay_out_application

say ""
say "Planted. After a minute this shows claim data-orders-0 as Pending:"
say "    kubectl --context $CONTEXT --namespace $NAMESPACE get pvc,pods"
say "Ask why:"
say "    aws ssm start-automation-execution --document-name TroubleshootEbsCsiDriversForEks \\"
say "        --parameters EksClusterName=$CLUSTER,ApplicationNamespace=$NAMESPACE,ApplicationPodName=orders-0"
say "Then undo it:"
say "    $undo"
