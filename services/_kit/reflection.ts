// gRPC server reflection, v1 and v1alpha (grpcurl, buf curl). Serves the descriptors as buf built them: strict clients
// compare them with what they know, so nothing may be rewritten on the way.

import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type { ServerReflectionRequest, ServerReflectionResponse } from "#gen/grpc/reflection/v1/reflection.js";
import { ServerReflectionService } from "#gen/grpc/reflection/v1/reflection.js";
import { ServerReflectionService as AlphaService } from "#gen/grpc/reflection/v1alpha/reflection.js";
import { registry } from "#kit/contracts.js";

type Reply = ServerReflectionResponse["messageResponse"];

/** The two reflection services over a process's own services. Both versions are the same on the wire. */
export function reflectionServices(
  names: readonly string[],
): [typeof ServerReflectionService, UntypedServiceImplementation][] {
  const serverReflectionInfo = (call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) => {
    call.on("data", (request: ServerReflectionRequest) => {
      const messageResponse = answer(request, names);
      call.write({ validHost: request.host, originalRequest: request, messageResponse });
    });
    call.on("end", () => call.end());
  };
  const alpha = AlphaService as unknown as typeof ServerReflectionService;
  return [
    [ServerReflectionService, { serverReflectionInfo }],
    [alpha, { serverReflectionInfo }],
  ];
}

function answer({ messageRequest }: ServerReflectionRequest, names: readonly string[]): Reply {
  switch (messageRequest?.$case) {
    case "listServices":
      return { $case: "listServicesResponse", value: { service: names.map((name) => ({ name })) } };
    case "fileByFilename": {
      const wanted = messageRequest.value.replace(/\.proto$/, "");
      return files([...registry.files].find((file) => file.name === wanted));
    }
    case "fileContainingSymbol":
      return files(fileOf(messageRequest.value));
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = messageRequest.value;
      return files(
        [...registry].find(
          (d) => d.kind === "extension" && d.extendee.typeName === containingType && d.number === extensionNumber,
        )?.file,
      );
    }
    default:
      return missing("this request is not supported", status.UNIMPLEMENTED);
  }
}

function fileOf(symbol: string): DescFile | undefined {
  const type = registry.get(symbol);
  if (type) return type.file;
  // A method is named through its service.
  return registry.getService(symbol.slice(0, symbol.lastIndexOf(".")))?.file;
}

/** A file with all it imports, so that a client needs one question. */
function files(file: DescFile | undefined): Reply {
  if (!file) return missing("no such symbol or file", status.NOT_FOUND);
  const all = new Set<DescFile>();
  const collect = (one: DescFile) => {
    if (all.has(one)) return;
    all.add(one);
    one.dependencies.forEach(collect);
  };
  collect(file);
  const fileDescriptorProto = [...all].map((one) => Buffer.from(toBinary(FileDescriptorProtoSchema, one.proto)));
  return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function missing(errorMessage: string, errorCode: status): Reply {
  return { $case: "errorResponse", value: { errorCode, errorMessage } };
}
