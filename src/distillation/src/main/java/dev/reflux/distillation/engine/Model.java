package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network with everything that learns: input statistics, embeddings, parameters, optimizer. Ranges {@code [from, to)}
 * are rows of the examples, and outputs or their gradients always belong to the whole batch, {@code [size, ...]} row-major,
 * of which a call touches the rows of its range.
 *
 * <p>The same calls give the same bits, also after {@link #write} and {@link #read}, in another process, or on another
 * JDK. Not thread-safe; two models can be used by two threads at once.
 */
public final class Model implements Predictor {

    private static final int VERSION = 1;
    /** Odd and irregular, so that restarts of neighbouring seeds do not meet (the golden ratio in 64 bits). */
    private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

    private final InputSelection inputs;
    private final int classes;
    private final ModelSpec spec;
    private final OptimizerSpec optimizer;
    private final Network network;
    private final List<FeatureLayer> layers;
    private final long seed;
    private InputEncoder encoder;
    private StepEngine engine;
    private long restarts;
    private final StepEngine.Gradients gradients;

    private @Nullable Examples kept;
    private int keptFrom;
    private int keptTo;
    private boolean keptWithGradient;
    private boolean keptShifted;
    private Outputs keptOutputs;
    private float[] inputGradient = {};

    private long encodeNanos;
    private long forwardNanos;
    private long backwardNanos;
    private long optimizerNanos;

    private Model(
            ModelSpec spec,
            InputSelection inputs,
            Network network,
            long seed,
            InputEncoder encoder,
            StepEngine engine) {
        this.spec = spec;
        this.inputs = inputs;
        this.classes = network.classes();
        this.optimizer = spec.optimizer();
        this.network = network;
        this.layers = layers(spec, network);
        this.seed = seed;
        this.encoder = encoder;
        this.engine = engine;
        this.keptOutputs = new Outputs(0, classes, layers);
        this.gradients = encoder.hasEmbeddings()
                ? StepEngine.Gradients.OF_PARAMETERS_AND_INPUT
                : StepEngine.Gradients.OF_PARAMETERS;
    }

    /** A model with parameters drawn from {@code seed}, the same for every engine. */
    public static Model create(ModelSpec spec, InputSelection inputs, int classes, long seed) {
        Rng rng = new Rng(seed);
        InputEncoder encoder = new InputEncoder(inputs, spec.network().encoding(), spec.optimizer(), rng);
        Network network = spec.network().build(encoder.shape(), classes);
        requireSources(spec, network);
        float[] parameters = rng.draw(network.parameters());
        return new Model(spec, inputs, network, seed, encoder, engine(spec, network, parameters));
    }

    /** {@link #create(ModelSpec, InputSelection, int, long)} with every column of a layout. */
    public static Model create(ModelSpec spec, InputLayout layout, int classes, long seed) {
        return create(spec, InputSelection.all(layout), classes, seed);
    }

    private static StepEngine engine(ModelSpec spec, Network network, float[] parameters) {
        return engine(spec, network, parameters, optimizer(spec, network));
    }

    private static FlatOptimizer optimizer(ModelSpec spec, Network network) {
        int layers = (int) network.sources().stream().distinct().count();
        return new FlatOptimizer(spec.optimizer(), network.parameterCount(), layers);
    }

    private static StepEngine engine(ModelSpec spec, Network network, float[] parameters, FlatOptimizer optimizer) {
        int[] taps = layers(spec, network).stream()
                .mapToInt(layer -> network.layers().indexOf(layer))
                .toArray();
        return Engines.create(spec, network, taps, parameters, optimizer);
    }

    /** The layers that are seen and taught, each once; the logits are no layer. */
    private static List<FeatureLayer> layers(ModelSpec spec, Network network) {
        return spec.layers().stream()
                .map(network::layer)
                .filter(layer -> !layer.name().equals(Outputs.LOGITS))
                .distinct()
                .toList();
    }

    /** The network that a model of this specification has; to know its layers before there is a model. */
    public static Network network(ModelSpec spec, InputSelection inputs, int classes) {
        Network network = network(spec.network(), inputs, classes);
        requireSources(spec, network);
        return network;
    }

    private static void requireSources(ModelSpec spec, Network network) {
        if (spec.optimizer() instanceof OptimizerSpec.Scaled
                && network.sources().isEmpty()) {
            throw new IllegalArgumentException(
                    "optimizer: scaled found for '" + network.describe()
                            + "', whose layers are not all dense: there is no input to scale their rates by; choose sgd or adam");
        }
    }

    /**
     * The network of this specification that reads these inputs.
     *
     * @throws IllegalArgumentException when it cannot read them, saying what it needs
     */
    public static Network network(NetworkSpec spec, InputSelection inputs, int classes) {
        return spec.build(InputEncoder.shape(inputs, spec.encoding()), classes);
    }

    /** The network: its shape, without the values of its parameters. */
    public Network network() {
        return network;
    }

    /** Room for what this model gives for a batch of a size, or for the gradients of that. */
    public Outputs outputs(int size) {
        return new Outputs(size, classes, layers);
    }

    /**
     * Draws parameters and embeddings anew and forgets the moments; the input statistics stay. A network that has
     * diverged would otherwise answer with NaN for ever.
     */
    private void restart() {
        restarts++;
        Rng rng = new Rng(seed + SEED_STEP * restarts);
        encoder = encoder.withNewEmbeddings(spec.optimizer(), rng);
        float[] parameters = rng.draw(network.parameters());
        engine.close();
        engine = engine(spec, network, parameters);
    }

    /** How often the network diverged, to outputs that are no numbers, and began anew. */
    public long restarts() {
        return restarts;
    }

    /** Updates the input statistics with these rows; rows should be observed once, in stream order. */
    public void observe(Examples examples, int from, int to) {
        long start = System.nanoTime();
        requireRange(examples, from, to);
        encoder.observe(examples, from, to);
        encodeNanos += System.nanoTime() - start;
    }

    /** Writes what the network gives for these rows. What an earlier {@link #forward} kept for {@link #learn} is gone. */
    @Override
    public void predict(Examples examples, int from, int to, Outputs outputs) {
        run(examples, from, to, outputs, false);
    }

    /** {@link #predict(Examples, int, int, Outputs)} of the logits alone, {@code [size, classes]}. */
    public void predict(Examples examples, int from, int to, float[] logits) {
        predict(examples, from, to, Outputs.ofLogits(logits, classes));
    }

    /** As {@link #predict}, the same numbers, and keeps what {@link #learn} needs. */
    public void forward(Examples examples, int from, int to, Outputs outputs) {
        run(examples, from, to, outputs, true);
    }

    /** {@link #forward(Examples, int, int, Outputs)} of the logits alone, {@code [size, classes]}. */
    public void forward(Examples examples, int from, int to, float[] logits) {
        forward(examples, from, to, Outputs.ofLogits(logits, classes));
    }

    private void run(Examples examples, int from, int to, Outputs outputs, boolean withGradient) {
        requireRange(examples, from, to);
        requireSize(outputs, to);
        if (isKept(examples, from, to, outputs, withGradient)) {
            copy(keptOutputs, 0, outputs, from, to - from);
            keptWithGradient |= withGradient;
            return;
        }
        kept = null;
        compute(examples, from, to, outputs, withGradient);
        if (!isFinite(outputs.logits(), from * classes, (to - from) * classes)) {
            restart();
            compute(examples, from, to, outputs, withGradient);
        }
        if (keptOutputs.size() < to - from || !keptOutputs.layers().equals(outputs.layers())) {
            keptOutputs = new Outputs(to - from, classes, outputs.layers());
        }
        copy(outputs, from, keptOutputs, 0, to - from);
        keep(examples, from, to, withGradient);
    }

    private void keep(Examples examples, int from, int to, boolean withGradient) {
        kept = examples;
        keptFrom = from;
        keptTo = to;
        keptWithGradient = withGradient;
        keptShifted = false;
    }

    private static void copy(Outputs source, int from, Outputs target, int to, int rows) {
        int classes = source.classes();
        System.arraycopy(source.logits(), from * classes, target.logits(), to * classes, rows * classes);
        for (int i = 0; i < target.layers().size(); i++) {
            int width = target.layers().get(i).width();
            System.arraycopy(source.features(i), from * width, target.features(i), to * width, rows * width);
        }
    }

    private void compute(Examples examples, int from, int to, Outputs outputs, boolean withGradient) {
        long start = System.nanoTime();
        float[] input = encoder.encode(examples, from, to);
        long encoded = System.nanoTime();
        encodeNanos += encoded - start;
        if (withGradient) {
            engine.forward(input, to - from, outputs, from, gradients);
        } else {
            engine.predict(input, to - from, outputs, from);
        }
        forwardNanos += System.nanoTime() - encoded;
    }

    /** Standardised numbers and tensor values per row: what {@link #forwardShifted} can shift. */
    public int denseWidth() {
        return encoder.denseWidth();
    }

    /**
     * As {@link #forward}, of rows whose standardised numbers and tensors are moved: the neighbours of an example, in units
     * of the columns' standard deviations. {@link #learn} and {@link #inputGradient} can follow.
     *
     * @param shift {@code [to - from, denseWidth()]}
     */
    public void forwardShifted(Examples examples, int from, int to, float[] shift, Outputs outputs) {
        requireRange(examples, from, to);
        requireSize(outputs, to);
        kept = null;
        int dense = encoder.denseWidth();
        int width = encoder.width();
        int rows = to - from;
        float[] input = Arrays.copyOf(encoder.encode(examples, from, to), rows * width);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < dense; i++) {
                input[row * width + i] += shift[row * dense + i];
            }
        }
        engine.forward(input, rows, outputs, from, StepEngine.Gradients.OF_PARAMETERS_AND_INPUT);
        keep(examples, from, to, true);
        keptShifted = true;
    }

    /**
     * Derivative of a loss by the standardised numbers and tensors of the rows of the last {@link #forwardShifted}; nothing
     * is learned.
     *
     * @param gradient derivative of the loss by the outputs
     * @param target receives {@code [rows, denseWidth()]}
     */
    public void inputGradient(Outputs gradient, float[] target) {
        if (kept == null || !keptShifted) {
            throw new IllegalStateException("inputGradient: the last call was no forwardShifted(); it goes before");
        }
        kept = null;
        int rows = keptTo - keptFrom;
        int width = encoder.width();
        float[] all = inputGradient(rows * width);
        engine.backward(gradient, keptFrom, all);
        int dense = encoder.denseWidth();
        for (int row = 0; row < rows; row++) {
            System.arraycopy(all, row * width, target, row * dense, dense);
        }
    }

    /**
     * Moves of standardised values in raw units, of all numeric columns and tensor values of the layout.
     *
     * @param shift {@code [rows, denseWidth()]}, in standard deviations
     * @return {@code [rows, numeric columns + tensor values]}
     */
    public float[] toRaw(float[] shift, int rows) {
        int width = rawWidth();
        float[] raw = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            encoder.toRaw(shift, row * encoder.denseWidth(), raw, row * width);
        }
        return raw;
    }

    /** The inverse of {@link #toRaw} for rows {@code from} to {@code to}, as far as this model reads the columns. */
    public float[] fromRaw(float[] raw, int from, int to) {
        int width = rawWidth();
        float[] shift = new float[(to - from) * encoder.denseWidth()];
        for (int row = from; row < to; row++) {
            encoder.fromRaw(raw, row * width, shift, (row - from) * encoder.denseWidth());
        }
        return shift;
    }

    private int rawWidth() {
        return inputs.layout().numeric() + inputs.layout().tensorVolume();
    }

    private static boolean isFinite(float[] values, int offset, int size) {
        float sum = 0;
        for (int i = offset; i < offset + size; i++) {
            sum += 0 * values[i];
        }
        return sum == 0;
    }

    /** Whether the last pass was over these rows, nothing has changed since, and it kept what is asked for. */
    private boolean isKept(Examples examples, int from, int to, Outputs outputs, boolean withGradient) {
        return kept == examples
                && !keptShifted
                && (outputs.layers().isEmpty() || keptOutputs.layers().equals(outputs.layers()))
                && keptFrom == from
                && keptTo == to
                && (keptWithGradient || !withGradient || engine.predictKeeps())
                && encoder.isCurrent(examples, from, to);
    }

    /**
     * One optimizer step on the rows of the last {@link #forward}. With clipping, a step whose gradient is not finite
     * is left out: parameters and moments stay as they are.
     *
     * @param gradient derivative of the loss by the outputs
     * @param rateScale factor on the learning rate
     * @throws IllegalStateException without a forward pass, or with another prediction since
     */
    public void learn(Outputs gradient, double rateScale) {
        Examples examples = kept;
        if (examples == null || !keptWithGradient) {
            throw new IllegalStateException(
                    "learn: the last call was no forward(), each step needs its own; call forward() on its rows first");
        }
        requireSize(gradient, keptTo);
        kept = null;
        long start = System.nanoTime();
        float[] forEmbeddings = encoder.hasEmbeddings() ? inputGradient((keptTo - keptFrom) * encoder.width()) : null;
        double squares = engine.backward(gradient, keptFrom, forEmbeddings);
        if (forEmbeddings != null) {
            squares += encoder.backward(examples, keptFrom, keptTo, forEmbeddings);
        }
        long backward = System.nanoTime();
        backwardNanos += backward - start;
        double clip = optimizer.clipNorm();
        if (clip > 0 && !Double.isFinite(squares)) {
            encoder.dropGradient();
        } else {
            float scale = clip > 0 && squares > clip * clip ? (float) (clip / Math.sqrt(squares)) : 1;
            engine.step(optimizer.learningRate() * rateScale, scale);
            encoder.step(optimizer.learningRate() * rateScale, scale);
        }
        optimizerNanos += System.nanoTime() - backward;
    }

    /** {@link #learn(Outputs, double)} from the logits alone, {@code [size, classes]}. */
    public void learn(float[] logitGradient, double rateScale) {
        learn(Outputs.ofLogits(logitGradient, classes), rateScale);
    }

    private float[] inputGradient(int size) {
        if (inputGradient.length < size) {
            inputGradient = new float[size];
        }
        return inputGradient;
    }

    private static void requireRange(Examples examples, int from, int to) {
        if (from < 0 || from >= to || to > examples.size()) {
            throw new IllegalArgumentException("rows: [" + from + ", " + to + ") found, need a non-empty range within "
                    + examples.size() + " examples");
        }
    }

    private void requireSize(Outputs outputs, int to) {
        if (outputs.size() < to) {
            throw new IllegalArgumentException("outputs: room for " + outputs.size() + " rows of " + classes
                    + " logits found, the rows up to " + to + " of a whole batch need " + to * classes + " logits");
        }
    }

    /** Logits per example. */
    public int classes() {
        return classes;
    }

    /** What the model reads. */
    public InputSelection inputs() {
        return inputs;
    }

    /** Values that learn and are served: the network's parameters and the embeddings. */
    @Override
    public long parameterCount() {
        return network.servedParameterCount() + encoder.parameterCount();
    }

    /** The engine that runs the steps: {@link EngineChoice#FUSED} or {@link EngineChoice#TENSOR}. */
    public EngineChoice engineKind() {
        return engine.kind();
    }

    /** Native arrays that are alive; constant between steps, whatever the number of steps. */
    public int liveArrays() {
        return engine.liveArrays();
    }

    /** Writes all that the model's future depends on; the bytes do not depend on the engine's kind. */
    public void write(StateWriter out) {
        out.section("model", VERSION, body -> {
            body.putString(network.describe()).putLong(seed).putLong(restarts).putFloats(engine.parameters());
            engine.optimizer().write(body);
            encoder.write(body);
        });
    }

    /**
     * The model that was written; with the same engine it continues bit for bit.
     *
     * @throws StateException when the state is of another network, optimizer or layout, or of a newer version
     */
    public static Model read(ModelSpec spec, InputSelection inputs, int classes, StateReader in) {
        StateReader body = in.section("model", VERSION);
        InputEncoder encoder = new InputEncoder(inputs, spec.network().encoding(), spec.optimizer(), new Rng(0));
        Network network = spec.network().build(encoder.shape(), classes);
        String found = body.getString();
        if (!found.equals(network.describe())) {
            throw new StateException("network: the state holds '" + found + "', the pipeline asks for '"
                    + network.describe() + "'; restore the network and features, or start from new state");
        }
        long seed = body.getLong();
        long restarts = body.getLong();
        float[] parameters = new float[network.parameterCount()];
        StateChecks.copy("parameters", body.getFloats(), parameters);
        FlatOptimizer optimizer = optimizer(spec, network);
        optimizer.read(body);
        encoder.read(body);
        Model model = new Model(spec, inputs, network, seed, encoder, engine(spec, network, parameters, optimizer));
        model.restarts = restarts;
        return model;
    }

    /** {@link #read(ModelSpec, InputSelection, int, StateReader)} with every column of a layout. */
    public static Model read(ModelSpec spec, InputLayout layout, int classes, StateReader in) {
        return read(spec, InputSelection.all(layout), classes, in);
    }

    /** SHA-256 over parameters, embeddings and input statistics: equal for models that predict the same. */
    public String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            update(digest, engine.parameters());
            update(digest, encoder.normalizer().offsets());
            update(digest, encoder.normalizer().factors());
            encoder.tables().forEach(table -> update(digest, table.values()));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-256, which every one must have", e);
        }
    }

    private static void update(MessageDigest digest, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        digest.update(bytes);
    }

    /**
     * Writes the model as a graph from the raw features that it reads to logits.
     *
     * @return name of the logits {@code [batch, classes]}
     */
    public String export(GraphWriter graph, GraphInputs inputs) {
        String features = EncoderExport.write(encoder, graph, inputs);
        return network.export(graph, features, engine.parameters()).get(0);
    }

    InputEncoder encoder() {
        return encoder;
    }

    /** Another engine of this network, with these parameters, for predictions. */
    StepEngine engineWith(float[] parameters) {
        return engine(spec, network, parameters);
    }

    StepEngine engine() {
        return engine;
    }

    /** Where the time went so far. */
    public StepTimes times() {
        return new StepTimes(encodeNanos, forwardNanos, backwardNanos, optimizerNanos);
    }

    @Override
    public void close() {
        engine.close();
    }
}
