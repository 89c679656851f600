"""The stack: documents, roles, report bucket, log group, sweeper; and how to go on, as outputs."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_eks as eks
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from runbook.deployment import PROXY_LOG_GROUP, STACK, SWEEPER
from runbook.documents import documents
from runbook.permissions import GROUP
from stacks.code import Code
from stacks.documents import document
from stacks.reports import report_bucket
from stacks.roles import make_managed_policy, make_role
from stacks.settings import Settings
from stacks.sweeper import RULES, start_sweeper

_EXECUTIONS = f"arn:{cdk.Aws.PARTITION}:ssm:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:automation-execution/*"


class EksRunbooks(cdk.Stack):
    """Everything that stays in the account; each run makes and removes a stack of its own."""

    def __init__(self, scope: Construct, *, settings: Settings, code: Code) -> None:
        super().__init__(
            scope,
            STACK,
            description="Open runbooks that find out why something in an Amazon EKS cluster is broken.",
            analytics_reporting=False,
            # The cdk command line looks at the version by itself.
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        self._settings = settings
        self._steps = self._asset("Steps", str(code.steps), code.steps_hash)
        self._function = self._asset("Function", str(code.function), code.function_hash)
        self._bucket = report_bucket(self, settings.report_kms_key)
        logs.CfnLogGroup(
            self,
            "ProxyLogs",
            log_group_name=PROXY_LOG_GROUP,
            retention_in_days=settings.log_retention_days,
        )
        self._roles = self._make_roles()
        self._make_documents()
        self._let_into_clusters()
        self._tell()

    def _asset(self, name: str, path: str, content_hash: str) -> assets.Asset:
        return assets.Asset(
            self, name, path=path, asset_hash=content_hash, asset_hash_type=cdk.AssetHashType.CUSTOM
        )

    def _names(self) -> dict[str, tuple[str, ...]]:
        """What the names in grants stand for."""
        key = self._settings.report_kms_key
        return {
            "partition": (cdk.Aws.PARTITION,),
            "region": (cdk.Aws.REGION,),
            "account": (cdk.Aws.ACCOUNT_ID,),
            "suffix": (cdk.Aws.URL_SUFFIX,),
            "bucket": (self._bucket.bucket_name, *self._settings.report_buckets),
            "runbook": tuple(one.name for one in documents()),
            "codeBucket": (self._function.s3_bucket_name,),
            "functionKey": (self._function.s3_object_key,),
            **({"key": (key,)} if key else {}),
        }

    def _make_roles(self) -> dict[str, str]:
        """The ARNs of the roles by their purpose: each may name those made before it."""
        names = self._names()
        function = make_role(self, "function", names)
        names["functionRole"] = (function, *self._settings.lambda_roles)
        cloudformation = make_role(self, "cloudformation", names)
        names["cloudformationRole"] = (cloudformation,)
        automation = make_role(self, "automation", names, sources=_EXECUTIONS)
        names["automationRole"] = (automation,)
        sweeper = make_role(self, "sweeper", names, sources=_EXECUTIONS)
        names["sweeperRole"] = (sweeper,)
        started = make_role(self, "events", names, sources=RULES)
        make_managed_policy(self, "operator", names)
        return {
            "function": function,
            "cloudformation": cloudformation,
            "automation": automation,
            "sweeper": sweeper,
            "events": started,
        }

    def _make_documents(self) -> None:
        values = {
            "AutomationRoleArn": self._roles["automation"],
            "CloudFormationRoleArn": self._roles["cloudformation"],
            "FunctionRoleArn": self._roles["function"],
            "SweeperRoleArn": self._roles["sweeper"],
            "ReportBucket": self._bucket.bucket_name,
            "CodeBucket": self._function.s3_bucket_name,
            "FunctionKey": self._function.s3_object_key,
            "Architecture": self._settings.architecture,
        }
        for one in documents():
            document(self, one.name, self._steps, values)
        sweeper = document(self, SWEEPER, self._steps, values)
        start_sweeper(
            self, document=sweeper, events_role=self._roles["events"], sweeper_role=self._roles["sweeper"]
        )

    def _let_into_clusters(self) -> None:
        """Access entries: only who is in the group, which the ClusterRole is bound to, may read."""
        access = Construct(self, "Access")
        for cluster in self._settings.clusters:
            eks.CfnAccessEntry(
                access,
                cluster,
                cluster_name=cluster,
                principal_arn=self._roles["automation"],
                kubernetes_groups=[GROUP],
                type="STANDARD",
            )

    def _tell(self) -> None:
        region, automation = cdk.Aws.REGION, self._roles["automation"]
        console = f"https://{region}.console.aws.amazon.com/systems-manager/automation/execute"
        for one in documents():
            self._output(f"Run{one.name}", f"{console}/{one.name}?region={region}", one.question)
        self._output("AutomationRoleArn", automation, "Who the runbooks are in a cluster.")
        self._output(
            "ReportBucket", self._bucket.bucket_name, "Where reports are kept, also without the stack."
        )
        self._output(
            "AccessEntry",
            f"aws eks create-access-entry --region {region} --cluster-name CLUSTER"
            f" --principal-arn {automation} --kubernetes-groups {GROUP}",
            "Lets the runbooks into a cluster that cdk.json does not name.",
        )
        self._output(
            "ClusterRole",
            "kubectl apply -f docs/cluster-role.yaml",
            "What they may read there; once in each cluster.",
        )

    def _output(self, name: str, value: str, description: str) -> None:
        cdk.CfnOutput(self, f"Tell{name}", value=value, description=description).override_logical_id(name)
