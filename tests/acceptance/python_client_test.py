"""A client in another language, generated from proto/ alone: gets a score, and finds the services by reflection."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from programs import BIN, ROOT, Case, job_text, main


def generate():
    """Python code of the API, in a temporary folder that is put on the path."""
    import grpc_tools
    folder = tempfile.mkdtemp(prefix="strata-python-client-")
    google = pathlib.Path(os.environ["STRATA_GOOGLE_PROTOS"])
    includes = [ROOT / "proto", google, pathlib.Path(grpc_tools.__file__).parent / "_proto"]
    wanted = [*(ROOT / "proto/strata/v1").glob("*.proto"), *(google / "google/api").glob("*.proto"), *(google / "google/rpc").glob("*.proto"),
              google / "google/longrunning/operations_proto.proto", google / "google/type/date.proto"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *[f"-I{i}" for i in includes], f"--python_out={folder}",
                    f"--grpc_python_out={folder}", *map(str, wanted)], check=True)
    sys.path.insert(0, folder)


class PythonClient(Case):
    @classmethod
    def setUpClass(cls):
        generate()

    def test_gets_a_score_and_a_typed_error(self):
        import grpc
        from google.rpc import error_details_pb2, status_pb2
        from strata.v1 import score_service_pb2, score_service_pb2_grpc
        self.run_job(job_text())
        server = self.start(BIN / "strata", "serve", "--state", self.folder / "state", "--listen", "127.0.0.1:0")
        address = "127.0.0.1:" + server.wait_for(r":(\d+)").group(1)
        with grpc.insecure_channel(address) as channel:
            scores = score_service_pb2_grpc.ScoreServiceStub(channel)
            answer = scores.GetScore(score_service_pb2.GetScoreRequest(parent="jobs/sample", customer_id="0001"), timeout=10)
            mine = self.json("get", "0001", "--state", self.folder / "state")
            self.assertEqual(answer.info.snapshot, "jobs/sample/snapshots/1")
            self.assertEqual(answer.score.purchase_days, mine["score"]["purchase_days"])
            self.assertEqual(answer.score.p_alive, mine["score"]["p_alive"])
            with self.assertRaises(grpc.RpcError) as caught:
                scores.GetScore(score_service_pb2.GetScoreRequest(parent="jobs/sample", customer_id="nobody"), timeout=10)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
            details = dict(caught.exception.trailing_metadata())["grpc-status-details-bin"]
            info = error_details_pb2.ErrorInfo()
            status_pb2.Status.FromString(details).details[0].Unpack(info)
            self.assertEqual(info.domain, "strata")
            self.assertTrue(info.reason)


if __name__ == "__main__":
    main()
