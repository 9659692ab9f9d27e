package dev.reflux.distillation.external;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.engine.TensorLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A teacher that PyTorch wrote with {@code torch.jit.script} or {@code torch.jit.trace}, in inference mode. Its
 * {@code forward} is given, in this order and as far as the columns exist:
 *
 * <ol>
 *   <li>the numeric columns, float {@code [n, numeric]}, raw, NaN where missing;
 *   <li>the categories, int64 {@code [n, categories]}, -1 where missing or unknown;
 *   <li>each tensor column, float {@code [n, ...shape]}, NaN throughout where missing.
 * </ol>
 *
 * <p>It returns one tensor {@code [n, classes]}, the same for a row whatever the other rows are. Texts it cannot read: examples
 * hold no words, only the hash buckets of words.
 *
 * <p>The graph is run as it is written: optimising it by the first calls, as TorchScript does by default, would give a
 * process that was started anew other sums than one that went on. Not thread-safe.
 */
public final class TorchScriptTeacher implements Predictor {

    private final InputSelection inputs;
    private final int classes;
    private final Answer answer;
    private final NDManager manager;
    private final Model model;
    private final Block module;
    private ByteBuffer memory = TensorLibrary.allocate(0);

    /**
     * Loads a module.
     *
     * @param script bytes of the file
     * @param inputs the columns that it is given; no texts
     * @param answer what it returns
     * @throws IllegalArgumentException when the bytes are no module that this PyTorch reads, or texts are among the columns
     */
    public TorchScriptTeacher(byte[] script, InputSelection inputs, int classes, Answer answer) {
        if (!inputs.texts().isEmpty()) {
            throw new IllegalArgumentException(
                    "a TorchScript teacher cannot read texts, " + inputs.texts().size()
                            + " found: events hold no words, only the hash buckets of words; give it features without text");
        }
        this.inputs = inputs;
        this.classes = classes;
        this.answer = answer;
        this.manager = TensorLibrary.newManager();
        this.model = Model.newInstance("teacher", Device.cpu(), "PyTorch");
        try {
            model.load(new ByteArrayInputStream(script), Map.of("mapLocation", "true"));
        } catch (IOException | MalformedModelException | EngineException e) {
            close();
            throw new IllegalArgumentException(
                    "no TorchScript module that PyTorch "
                            + model.getNDManager().getEngine().getVersion() + " reads: " + reason(e)
                            + "; write one with torch.jit.script(module).save(file)",
                    e);
        }
        this.module = model.getBlock();
    }

    @Override
    public void predict(Examples examples, int from, int to, Outputs outputs) {
        requireLayout(examples);
        int rows = to - from;
        boolean before = TensorLibrary.recordGradients(false);
        JniUtils.setGraphExecutorOptimize(false);
        try (NDManager scope = manager.newSubManager()) {
            NDList given = given(scope, examples, from, rows);
            answer.write(run(scope, given, rows), from, to, outputs);
        } finally {
            TensorLibrary.recordGradients(before);
        }
    }

    private float[] run(NDManager scope, NDList given, int rows) {
        NDList returned;
        try {
            returned = module.forward(new ParameterStore(scope, false), given, false);
        } catch (EngineException e) {
            throw new IllegalStateException(
                    "the TorchScript teacher failed on " + describe(given) + ": " + reason(e), e);
        }
        returned.attach(scope);
        Shape wanted = new Shape(rows, classes);
        if (returned.size() != 1 || !returned.get(0).getShape().equals(wanted)) {
            throw new IllegalStateException("the TorchScript teacher returned " + describe(returned) + " for "
                    + describe(given) + "; it must return one tensor [rows, classes], here " + wanted);
        }
        return returned.get(0).toType(DataType.FLOAT32, false).toFloatArray();
    }

    /** The columns that the module reads, in memory that is used again in the next call. */
    private NDList given(NDManager scope, Examples examples, int from, int rows) {
        InputLayout layout = inputs.layout();
        List<Input> given = new ArrayList<>();
        int width = inputs.numeric().size();
        if (width > 0) {
            given.add(new Input(new Shape(rows, width), DataType.FLOAT32, target -> {
                for (int row = 0; row < rows; row++) {
                    for (int column : inputs.numeric()) {
                        target.putFloat(examples.numeric().get((from + row) * layout.numeric() + column));
                    }
                }
            }));
        }
        int codes = inputs.categories().size();
        if (codes > 0) {
            given.add(new Input(new Shape(rows, codes), DataType.INT64, target -> {
                int all = layout.categorySizes().size();
                for (int row = 0; row < rows; row++) {
                    for (int column : inputs.categories()) {
                        target.putLong(examples.categories().get((from + row) * all + column));
                    }
                }
            }));
        }
        for (int column : inputs.tensors()) {
            given.add(tensor(examples, column, from, rows));
        }
        return arrays(scope, given);
    }

    private Input tensor(Examples examples, int column, int from, int rows) {
        InputLayout layout = inputs.layout();
        int volume = layout.tensorVolume(column);
        int start = IntStream.range(0, column).map(layout::tensorVolume).sum();
        Shape shape = new Shape(rows);
        for (int side : layout.tensorShapes().get(column)) {
            shape = shape.add(side);
        }
        return new Input(shape, DataType.FLOAT32, target -> {
            for (int row = 0; row < rows; row++) {
                int at = (from + row) * layout.tensorVolume() + start;
                for (int i = 0; i < volume; i++) {
                    target.putFloat(examples.tensors().get(at + i));
                }
            }
        });
    }

    private NDList arrays(NDManager scope, List<Input> given) {
        int bytes = given.stream().mapToInt(Input::alignedBytes).reduce(0, Math::addExact);
        if (memory.capacity() < bytes) {
            memory = TensorLibrary.allocate(bytes);
        }
        NDList arrays = new NDList(given.size());
        int at = 0;
        for (Input input : given) {
            ByteBuffer part = memory.slice(at, input.bytes()).order(ByteOrder.nativeOrder());
            input.fill().accept(part);
            arrays.add(scope.create(part.rewind(), input.shape(), input.type()));
            at += input.alignedBytes();
        }
        return arrays;
    }

    /** One argument of {@code forward}. */
    private record Input(Shape shape, DataType type, Consumer<ByteBuffer> fill) {

        int bytes() {
            return Math.toIntExact(shape.size() * type.getNumOfBytes());
        }

        int alignedBytes() {
            return TensorLibrary.aligned(bytes());
        }
    }

    private void requireLayout(Examples examples) {
        if (!examples.layout().equals(inputs.layout())) {
            throw new IllegalArgumentException("examples with layout " + examples.layout()
                    + " found, the teacher was made for " + inputs.layout());
        }
    }

    private static String describe(NDList arrays) {
        return arrays.stream()
                .map(array -> array.getDataType() + " " + array.getShape())
                .collect(Collectors.joining(", ", "(", ")"));
    }

    /** What PyTorch says, without the stack of its interpreter. */
    private static String reason(Exception e) {
        String message = String.valueOf(e.getMessage()).strip();
        return message.lines()
                .filter(line -> line.contains("Error"))
                .reduce((first, last) -> last)
                .orElse(message.lines().findFirst().orElse(""));
    }

    @Override
    public long parameterCount() {
        return module.getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    /** How many native arrays are open. */
    int liveArrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        model.close();
        manager.close();
    }
}
