package dev.reflux.checkpoints.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parts of an ONNX graph as protobuf messages. */
final class Protos {

    private Protos() {}

    static TensorProto floats(String name, float[] values, long... shape) {
        ByteBuffer raw = littleEndian(values.length * Float.BYTES);
        raw.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT, shape)
                .setRawData(ByteString.copyFrom(raw))
                .build();
    }

    static TensorProto longs(String name, long[] values, long... shape) {
        ByteBuffer raw = littleEndian(values.length * Long.BYTES);
        raw.asLongBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT64, shape)
                .setRawData(ByteString.copyFrom(raw))
                .build();
    }

    static TensorProto strings(String name, List<String> values, long... shape) {
        TensorProto.Builder tensor = tensor(name, TensorProto.DataType.STRING, shape);
        values.forEach(value -> tensor.addStringData(ByteString.copyFromUtf8(value)));
        return tensor.build();
    }

    static ValueInfoProto value(String name, TensorProto.DataType type, String firstSide, long... sides) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder().addDim(side(firstSide));
        for (long side : sides) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(side));
        }
        return value(name, type, shape);
    }

    static ValueInfoProto value(String name, TensorProto.DataType type, String[] sides) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String side : sides) {
            shape.addDim(side(side));
        }
        return value(name, type, shape);
    }

    private static ValueInfoProto value(String name, TensorProto.DataType type, TensorShapeProto.Builder shape) {
        TypeProto.Tensor tensor = TypeProto.Tensor.newBuilder()
                .setElemType(type.getNumber())
                .setShape(shape)
                .build();
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    private static TensorShapeProto.Dimension.Builder side(String name) {
        return TensorShapeProto.Dimension.newBuilder().setDimParam(name);
    }

    static NodeProto.Builder node(String domain, String opType, List<String> inputs, Map<String, Object> attributes) {
        NodeProto.Builder node =
                NodeProto.newBuilder().setDomain(domain).setOpType(opType).addAllInput(inputs);
        // sorted: Map.of has another order in each JVM, and the bytes must not
        new TreeMap<>(attributes).forEach((key, value) -> node.addAttribute(attribute(opType, key, value)));
        return node;
    }

    private static AttributeProto attribute(String opType, String name, Object value) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
        if (value instanceof Long number) {
            attribute.setType(AttributeProto.AttributeType.INT).setI(number);
        } else if (value instanceof Float number) {
            attribute.setType(AttributeProto.AttributeType.FLOAT).setF(number);
        } else if (value instanceof String text) {
            attribute.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
        } else if (value instanceof long[] numbers) {
            attribute.setType(AttributeProto.AttributeType.INTS);
            for (long number : numbers) {
                attribute.addInts(number);
            }
        } else if (value instanceof float[] numbers) {
            attribute.setType(AttributeProto.AttributeType.FLOATS);
            for (float number : numbers) {
                attribute.addFloats(number);
            }
        } else if (value instanceof String[] texts) {
            attribute.setType(AttributeProto.AttributeType.STRINGS);
            for (String text : texts) {
                attribute.addStrings(ByteString.copyFromUtf8(text));
            }
        } else {
            throw new IllegalArgumentException("the attribute " + name + " of " + opType + " is a "
                    + value.getClass().getSimpleName() + "; use Long, Float, String, long[], float[] or String[]");
        }
        return attribute.build();
    }

    private static TensorProto.Builder tensor(String name, TensorProto.DataType type, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (long side : shape) {
            tensor.addDims(side);
        }
        return tensor;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
