package dev.reflux.checkpoints.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Weights in fewer bits. */
final class PackedWeights {

    private static final float LARGEST_HALF = 65504;
    private static final int LARGEST_BYTE = 127;

    private PackedWeights() {}

    /** As binary16, rounded to nearest even; beyond its range as the largest it has. */
    static TensorProto halves(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            raw.putShort(half(value));
        }
        return tensor(name, TensorProto.DataType.FLOAT16, raw.flip(), shape);
    }

    static short half(float value) {
        float clamped = Math.max(-LARGEST_HALF, Math.min(LARGEST_HALF, value));
        int bits = Float.floatToIntBits(clamped);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude < 0x38800000) {
            // below 2^-14: a multiple of 2^-24; rint rounds to even
            return (short) (sign | (int) Math.rint(Math.abs(clamped) * 0x1p24));
        }
        int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >>> 13);
    }

    /** One scale per place on an axis. */
    static float[] scales(float[] values, int axis, long... shape) {
        int outputs = (int) shape[axis];
        int stride = stride(axis, shape);
        float[] scales = new float[outputs];
        for (int i = 0; i < values.length; i++) {
            int output = i / stride % outputs;
            scales[output] = Math.max(scales[output], Math.abs(values[i]));
        }
        for (int output = 0; output < outputs; output++) {
            scales[output] = scales[output] == 0 ? 1 : scales[output] / LARGEST_BYTE;
        }
        return scales;
    }

    /** Weights in units of their scale. */
    static TensorProto bytes(String name, float[] values, float[] scales, int axis, long... shape) {
        int stride = stride(axis, shape);
        ByteBuffer raw = ByteBuffer.allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            long units = Math.round(Math.rint((double) values[i] / scales[i / stride % scales.length]));
            raw.put((byte) Math.max(-LARGEST_BYTE, Math.min(LARGEST_BYTE, units)));
        }
        return tensor(name, TensorProto.DataType.INT8, raw.flip(), shape);
    }

    private static int stride(int axis, long... shape) {
        int stride = 1;
        for (int i = axis + 1; i < shape.length; i++) {
            stride *= (int) shape[i];
        }
        return stride;
    }

    private static TensorProto tensor(String name, TensorProto.DataType type, ByteBuffer raw, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(raw));
        for (long side : shape) {
            tensor.addDims(side);
        }
        return tensor.build();
    }
}
