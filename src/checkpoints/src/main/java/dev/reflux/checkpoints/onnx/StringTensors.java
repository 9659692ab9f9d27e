package dev.reflux.checkpoints.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * String tensors {@code [rows, 1]} with any characters.
 *
 * <p>The Java binding of ONNX Runtime hands strings over in the JVM's modified UTF-8, in which NUL and characters beyond
 * U+FFFF (emoji, some Han, mathematical letters) are no UTF-8 that the operators accept. Where such a character is no
 * part of a token, a space says the same; where it matters, the strings go in as constants of a model of their own,
 * which are real UTF-8.
 */
final class StringTensors implements AutoCloseable {

    private final OnnxTensor tensor;
    private final AutoCloseable owner;

    private StringTensors(OnnxTensor tensor, AutoCloseable owner) {
        this.tensor = tensor;
        this.owner = owner;
    }

    static StringTensors texts(OrtEnvironment environment, String[] values) throws OrtException {
        return of(environment, clean(values, true));
    }

    static StringTensors words(OrtEnvironment environment, String[] values) throws OrtException {
        return of(environment, clean(values, false));
    }

    OnnxTensor tensor() {
        return tensor;
    }

    @Override
    public void close() throws OrtException {
        try {
            owner.close();
        } catch (OrtException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a string tensor could not be released", e);
        }
    }

    private static StringTensors of(OrtEnvironment environment, String[] values) throws OrtException {
        for (String value : values) {
            if (!isPlain(value)) {
                return viaModel(environment, values);
            }
        }
        OnnxTensor tensor = OnnxTensor.createTensor(environment, values, new long[] {values.length, 1});
        return new StringTensors(tensor, tensor);
    }

    private static StringTensors viaModel(OrtEnvironment environment, String[] values) throws OrtException {
        GraphProto graph = GraphProto.newBuilder()
                .setName("strings")
                .addInitializer(Protos.strings("values", Arrays.asList(values), values.length, 1))
                .addNode(
                        Protos.node("", "Identity", List.of("values"), Map.of()).addOutput("strings"))
                .addOutput(Protos.value("strings", TensorProto.DataType.STRING, "rows", 1))
                .build();
        byte[] model = ModelProto.newBuilder()
                .setIrVersion(9)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OnnxModelBuilder.OPSET))
                .setGraph(graph)
                .build()
                .toByteArray();
        try (OrtSession.SessionOptions options = Scorer.options();
                OrtSession session = environment.createSession(model, options)) {
            OrtSession.Result result = session.run(Map.of());
            return new StringTensors((OnnxTensor) result.get(0), result);
        }
    }

    private static String[] clean(String[] values, boolean separators) {
        String[] cleaned = values;
        for (int i = 0; i < values.length; i++) {
            if (!isPlain(values[i])) {
                if (cleaned == values) {
                    cleaned = values.clone();
                }
                cleaned[i] = separators ? withoutSeparators(values[i]) : withoutLoneSurrogates(values[i]);
            }
        }
        return cleaned;
    }

    private static String withoutSeparators(String text) {
        StringBuilder cleaned = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean keep = c != 0 && !isSurrogate(c) && (c <= 0xffff || mayBeInToken(c));
            cleaned.appendCodePoint(keep ? c : ' ');
        });
        return cleaned.toString();
    }

    private static String withoutLoneSurrogates(String word) {
        StringBuilder cleaned = new StringBuilder(word.length());
        word.codePoints().forEach(c -> cleaned.appendCodePoint(isSurrogate(c) ? 0xfffd : c));
        return cleaned.toString();
    }

    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSurrogate(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }

    /** Characters that this Java does not know yet may be letters to a newer ONNX Runtime. */
    private static boolean mayBeInToken(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
