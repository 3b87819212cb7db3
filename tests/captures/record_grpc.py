"""grpcio with itself: unary calls, both kinds of streams, an error, compression. Needs ``grpcio``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

from tests.captures.recording import recorded

PORT = 50051


def text_field(number: int, value: str) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value.encode()


def number_field(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


class Greeter(grpc.GenericRpcHandler):
    def service(self, details):
        return {
            "/demo.Greeter/SayHello": grpc.unary_unary_rpc_method_handler(self.hello),
            "/demo.Greeter/Refuse": grpc.unary_unary_rpc_method_handler(self.refuse),
            "/demo.Greeter/Count": grpc.unary_stream_rpc_method_handler(self.count),
            "/demo.Greeter/Sum": grpc.stream_unary_rpc_method_handler(self.sum),
        }.get(details.method)

    def hello(self, request, _context):
        return text_field(1, "hello " + request[2:].decode())

    def refuse(self, _request, context):
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "not for you: 100 %")

    def count(self, _request, _context):
        yield from (number_field(1, number) for number in range(3))

    def sum(self, requests, _context):
        return number_field(1, sum(request[1] for request in requests))


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Greeter()])
    server.add_insecure_port(f"127.0.0.1:{PORT}")
    server.start()
    with recorded("grpc", PORT), grpc.insecure_channel(f"127.0.0.1:{PORT}") as channel:
        call = channel.unary_unary("/demo.Greeter/SayHello")
        for name in ("Ann", "Bo"):
            call(text_field(1, name), metadata=[("x-request-id", name)])
        call(text_field(1, "z" * 100), compression=grpc.Compression.Gzip)
        list(channel.unary_stream("/demo.Greeter/Count")(text_field(1, "x")))
        channel.stream_unary("/demo.Greeter/Sum")(number_field(1, number) for number in range(4))
        for method in ("Refuse", "Unknown"):
            try:
                channel.unary_unary(f"/demo.Greeter/{method}")(text_field(1, "Eve"))
            except grpc.RpcError:
                continue
    server.stop(None).wait()


if __name__ == "__main__":
    main()
