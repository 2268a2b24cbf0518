"""Variables of MLflow in the environment: only those that say how a server is reached count, none that says where runs go.

A variable that somebody set for another project would send registrations, reads or runs to another store than `tracking`.
"""

import os
from collections.abc import Mapping

OF_MLFLOW = ("MLFLOW_", "_MLFLOW_")
# Who is asking (tracking=server), patience, certificates, places of files in the cloud, and the size of connection pools.
KEPT = (
    "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_AUTH",
    "MLFLOW_TRACKING_AWS_SIGV4", "MLFLOW_TRACKING_INSECURE_TLS", "MLFLOW_TRACKING_SERVER_CERT_PATH",
    "MLFLOW_TRACKING_CLIENT_CERT_PATH", "MLFLOW_HTTP_", "MLFLOW_KERBEROS_", "MLFLOW_MYSQL_SSL_", "MLFLOW_S3_", "MLFLOW_GCS_",
    "MLFLOW_BOTO_", "MLFLOW_MULTIPART_", "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR",
    "MLFLOW_SQLALCHEMYSTORE_", "MLFLOW_FLASK_SERVER_SECRET_KEY", "MLFLOW_DISABLE_TELEMETRY", "MLFLOW_LOGGING_LEVEL",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT",
)  # fmt: skip


def own_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables without those by which MLflow would follow somebody else than the configuration."""
    return {name: value for name, value in environment.items() if not name.startswith(OF_MLFLOW) or name.startswith(KEPT)}


def forget_foreign_variables() -> None:
    """Removes them from this process, since MLflow reads them at every call."""
    for name in set(os.environ) - set(own_variables(os.environ)):
        del os.environ[name]
