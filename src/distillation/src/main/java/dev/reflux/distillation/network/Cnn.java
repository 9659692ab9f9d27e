package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.CnnSpec.Readout;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A convolutional network. A plain block computes {@code pool(activation(conv(x)))}, a residual one {@code
 * pool(activation(conv(activation(conv(x))) + shortcut(x)))}, where the shortcut is the identity, or a convolution with
 * kernel 1 where the number of maps or their size changes. The second convolution of a residual block starts at zero: the
 * block begins as its shortcut, which without normalisation keeps the scale (Zhang et al. 2019). A signal is an image of
 * height 1.
 *
 * <p>The layers are the feature maps of each block, {@code hidden-1} first, then what the dense part reads, {@code pooled},
 * and its hidden layers, numbered on.
 */
public final class Cnn implements Network {

    private final int inputs;
    private final int classes;
    private final List<Integer> image;
    private final Columns imageColumns;
    private final List<ConvolutionBlock> blocks = new ArrayList<>();
    private final Readout readout;
    private final DenseTail tail;
    private final List<Parameter> parameters;
    private final List<FeatureLayer> layers;
    private final String description;

    Cnn(CnnSpec spec, InputShape input, int classes) {
        InputShape.Tensor tensor = imageOf(input);
        List<Integer> sides = tensor.shape();
        boolean signal = sides.size() == 2;
        this.inputs = input.width();
        this.classes = classes;
        this.image = signal ? List.of(sides.get(0), 1, sides.get(1)) : sides;
        this.imageColumns = Columns.of("image", tensor);
        this.readout = spec.readout();
        ParameterPlan plan = new ParameterPlan();
        List<FeatureLayer> built = new ArrayList<>();
        List<Integer> maps = image;
        for (int outputs : spec.channels()) {
            int number = blocks.size() + 1;
            ConvolutionBlock block = ConvolutionBlock.of(plan, "block" + number, spec, signal, maps, outputs);
            blocks.add(block);
            maps = block.maps();
            built.add(new FeatureLayer(Mlp.HIDDEN + number, maps));
        }
        int read = maps.get(0) * (readout == Readout.FLATTEN ? maps.get(1) * maps.get(2) : 1);
        MlpSpec dense = new MlpSpec(spec.hidden(), spec.activation(), false, false, 0);
        this.tail = new DenseTail(plan, input, List.of(tensor), read, dense, blocks.size() + 1, classes);
        built.addAll(tail.layers());
        this.layers = List.copyOf(built);
        this.parameters = plan.parameters();
        this.description = "cnn " + sides + " to "
                + layers.stream()
                        .limit(blocks.size())
                        .map(layer -> layer.shape().toString())
                        .collect(Collectors.joining(" "))
                + " kernel " + spec.kernel() + " "
                + word(spec.activation()) + " " + word(spec.downsampling()) + (spec.residual() ? " residual" : "")
                + ", " + word(readout) + " " + tail.describe();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static InputShape.Tensor imageOf(InputShape input) {
        return input.parts().stream()
                .filter(InputShape.Tensor.class::isInstance)
                .map(InputShape.Tensor.class::cast)
                .filter(tensor -> tensor.shape().size() == 2 || tensor.shape().size() == 3)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "cnn needs a tensor feature of shape [C,H,W] or [C,L]; found " + input.inWords()
                                + "; give the tensor its channels, such as shape: [1, 28, 28] for a grey image, or choose"
                                + " another network"));
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public List<FeatureLayer> layers() {
        return layers;
    }

    @Override
    public NDList forward(NDArray input, NDList parameters) {
        Iterator<NDArray> values = parameters.iterator();
        NDList maps = new NDList(blocks.size());
        NDArray x = imageColumns.read(input).reshape(-1, image.get(0), image.get(1), image.get(2));
        for (ConvolutionBlock block : blocks) {
            x = block.forward(x, values);
            maps.add(x);
        }
        long batch = x.getShape().get(0);
        NDArray vector =
                switch (readout) {
                    case AVERAGE -> x.reshape(batch, x.getShape().get(1), -1).mean(new int[] {2});
                    case FLATTEN -> x.reshape(batch, -1);
                };
        NDList outputs = tail.forward(vector, input, values);
        outputs.addAll(1, maps);
        return outputs;
    }

    @Override
    public List<String> export(GraphWriter graph, String input, float[] values) {
        List<String> maps = new ArrayList<>();
        long[] sides = {0, image.get(0), image.get(1), image.get(2)};
        String x = graph.node("Reshape", imageColumns.read(graph, input), graph.constant("image.shape", sides, 4));
        for (ConvolutionBlock block : blocks) {
            x = block.export(graph, x, values);
            maps.add(x);
        }
        String read = readout == Readout.AVERAGE ? graph.node("GlobalAveragePool", x) : x;
        String vector = graph.node("Reshape", read, graph.constant("vector.shape", new long[] {0, -1}, 2));
        List<String> outputs = tail.export(graph, vector, input, values);
        outputs.addAll(1, maps);
        return outputs;
    }
}
