"""What the EBS runbook asks: the pods, their claims and volumes, the driver and its identity."""

#: The CSI driver's name: in StorageClasses, PersistentVolumes, CSINodes and VolumeAttachments.
DRIVER = "ebs.csi.aws.com"
