"""What the EBS runbook asks: the pods, their claims and volumes, the driver and its identity."""

#: The CSI driver's name: in StorageClasses, PersistentVolumes, CSINodes and VolumeAttachments.
DRIVER = "ebs.csi.aws.com"
#: What StorageClasses may name it: Kubernetes hands the old in-tree plugin's volumes to the CSI driver.
PROVISIONERS = (DRIVER, "kubernetes.io/aws-ebs")
