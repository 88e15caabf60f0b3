"""A kubelet's gRPC probe: one call of grpc.health.v1.Health/Check over a connection of its own. Prints the answer's status.

    grpc_probe.py HOST:PORT SERVICE        (the empty service is the whole server)

Takes a Python with gRPC (build/deps/python), no generated code: the messages have one field each."""

import sys

import grpc

STATUSES = {0: 'UNKNOWN', 1: 'SERVING', 2: 'NOT_SERVING', 3: 'SERVICE_UNKNOWN'}
DEADLINE_S = 5


def check(target, service):
    name = service.encode()
    request = b'\x0a' + bytes([len(name)]) + name if name else b''  # field 1, a string shorter than 128 bytes
    with grpc.insecure_channel(target) as channel:
        call = channel.unary_unary('/grpc.health.v1.Health/Check', request_serializer=None, response_deserializer=None)
        try:
            answer = call(request, timeout=DEADLINE_S)
        except grpc.RpcError as error:
            return error.code().name
    return STATUSES[answer[1] if answer else 0]  # field 1, a small number; 0 is left out


if __name__ == '__main__':
    print(check(*sys.argv[1:]))
