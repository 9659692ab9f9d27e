package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.export.GraphInputs;
import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.NetworkSpec;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A network with everything that learns: input statistics, embeddings, parameters, optimizer. Ranges {@code [from, to)}
 * are rows of the examples, and arrays of logits or their gradients always belong to the whole batch, {@code [size,
 * classes]} row-major, of which a call touches the rows of its range.
 *
 * <p>The same calls give the same bits, also after {@link #write} and {@link #read}, in another process, or on another
 * JDK. Not thread-safe; two models can be used by two threads at once.
 */
public final class Model implements AutoCloseable {

    private static final int VERSION = 1;
    /** Odd and irregular, so that restarts of neighbouring seeds do not meet (the golden ratio in 64 bits). */
    private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

    private final InputLayout layout;
    private final int classes;
    private final ModelSpec spec;
    private final OptimizerSpec optimizer;
    private final Network network;
    private final long seed;
    private InputEncoder encoder;
    private StepEngine engine;
    private long restarts;
    private final StepEngine.Gradients gradients;

    private @Nullable Examples kept;
    private int keptFrom;
    private int keptTo;
    private boolean keptWithGradient;
    private float[] keptLogits = {};
    private float[] inputGradient = {};

    private long encodeNanos;
    private long forwardNanos;
    private long backwardNanos;
    private long optimizerNanos;

    private Model(
            ModelSpec spec,
            InputLayout layout,
            int classes,
            Network network,
            long seed,
            InputEncoder encoder,
            StepEngine engine) {
        this.spec = spec;
        this.layout = layout;
        this.classes = classes;
        this.optimizer = spec.optimizer();
        this.network = network;
        this.seed = seed;
        this.encoder = encoder;
        this.engine = engine;
        this.gradients = encoder.hasEmbeddings()
                ? StepEngine.Gradients.OF_PARAMETERS_AND_INPUT
                : StepEngine.Gradients.OF_PARAMETERS;
    }

    /** A model with parameters drawn from {@code seed}, the same for every engine. */
    public static Model create(ModelSpec spec, InputLayout layout, int classes, long seed) {
        Rng rng = new Rng(seed);
        InputEncoder encoder = new InputEncoder(layout, embedding(spec.network()), spec.optimizer(), rng);
        Network network = Network.of(spec.network(), encoder.width(), classes);
        float[] parameters = rng.draw(network.parameters());
        FlatOptimizer optimizer = new FlatOptimizer(spec.optimizer(), parameters.length);
        return new Model(
                spec, layout, classes, network, seed, encoder, Engines.create(spec, network, parameters, optimizer));
    }

    /**
     * Draws parameters and embeddings anew and forgets the moments; the input statistics stay. A network that has
     * diverged would otherwise answer with NaN for ever.
     */
    private void restart() {
        restarts++;
        Rng rng = new Rng(seed + SEED_STEP * restarts);
        encoder = encoder.withNewEmbeddings(embedding(spec.network()), spec.optimizer(), rng);
        float[] parameters = rng.draw(network.parameters());
        engine.close();
        engine = Engines.create(spec, network, parameters, new FlatOptimizer(spec.optimizer(), parameters.length));
    }

    /** How often the network diverged, to outputs that are no numbers, and began anew. */
    public long restarts() {
        return restarts;
    }

    private static int embedding(NetworkSpec network) {
        return network instanceof MlpSpec mlp ? mlp.embedding() : 0;
    }

    /** Updates the input statistics with these rows; rows should be observed once, in stream order. */
    public void observe(Examples examples, int from, int to) {
        long start = System.nanoTime();
        requireRange(examples, from, to);
        encoder.observe(examples, from, to);
        encodeNanos += System.nanoTime() - start;
    }

    /** Writes the logits of these rows. What an earlier {@link #forward} kept for {@link #learn} is gone. */
    public void predict(Examples examples, int from, int to, float[] logits) {
        run(examples, from, to, logits, false);
    }

    /** As {@link #predict}, the same numbers, and keeps what {@link #learn} needs. */
    public void forward(Examples examples, int from, int to, float[] logits) {
        run(examples, from, to, logits, true);
    }

    private void run(Examples examples, int from, int to, float[] logits, boolean withGradient) {
        requireRange(examples, from, to);
        requireLogits(logits, to);
        int offset = from * classes;
        int size = (to - from) * classes;
        if (isKept(examples, from, to, withGradient)) {
            System.arraycopy(keptLogits, 0, logits, offset, size);
            keptWithGradient |= withGradient;
            return;
        }
        kept = null;
        compute(examples, from, to, logits, withGradient);
        if (!isFinite(logits, offset, size)) {
            restart();
            compute(examples, from, to, logits, withGradient);
        }
        if (keptLogits.length < size) {
            keptLogits = new float[size];
        }
        System.arraycopy(logits, offset, keptLogits, 0, size);
        kept = examples;
        keptFrom = from;
        keptTo = to;
        keptWithGradient = withGradient;
    }

    private void compute(Examples examples, int from, int to, float[] logits, boolean withGradient) {
        long start = System.nanoTime();
        float[] input = encoder.encode(examples, from, to);
        long encoded = System.nanoTime();
        encodeNanos += encoded - start;
        if (withGradient) {
            engine.forward(input, to - from, logits, from * classes, gradients);
        } else {
            engine.predict(input, to - from, logits, from * classes);
        }
        forwardNanos += System.nanoTime() - encoded;
    }

    private static boolean isFinite(float[] values, int offset, int size) {
        float sum = 0;
        for (int i = offset; i < offset + size; i++) {
            sum += 0 * values[i];
        }
        return sum == 0;
    }

    /** Whether the last pass was over these rows, nothing has changed since, and it kept what is asked for. */
    private boolean isKept(Examples examples, int from, int to, boolean withGradient) {
        return kept == examples
                && keptFrom == from
                && keptTo == to
                && (keptWithGradient || !withGradient || engine.predictKeeps())
                && encoder.isCurrent(examples, from, to);
    }

    /**
     * One optimizer step on the rows of the last {@link #forward}. With clipping, a step whose gradient is not finite
     * is left out: parameters and moments stay as they are.
     *
     * @param logitGradient derivative of the loss by the logits, rows of the whole batch
     * @param rateScale factor on the learning rate
     * @throws IllegalStateException without a forward pass, or with another prediction since
     */
    public void learn(float[] logitGradient, double rateScale) {
        Examples examples = kept;
        if (examples == null || !keptWithGradient) {
            throw new IllegalStateException(
                    "learn: the last call was no forward(), each step needs its own; call forward() on its rows first");
        }
        requireLogits(logitGradient, keptTo);
        kept = null;
        long start = System.nanoTime();
        float[] forEmbeddings = encoder.hasEmbeddings() ? inputGradient((keptTo - keptFrom) * encoder.width()) : null;
        double squares = engine.backward(logitGradient, keptFrom * classes, forEmbeddings);
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

    private void requireLogits(float[] logits, int to) {
        if (logits.length < to * classes) {
            throw new IllegalArgumentException("logits: " + logits.length + " values found, the rows up to " + to
                    + " of a whole batch need " + to * classes);
        }
    }

    /** Logits per example. */
    public int classes() {
        return classes;
    }

    /** What the model reads. */
    public InputLayout layout() {
        return layout;
    }

    /** Values that learn: the network's parameters and the embeddings. */
    public long parameterCount() {
        return network.parameterCount() + encoder.parameterCount();
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
    public static Model read(ModelSpec spec, InputLayout layout, int classes, StateReader in) {
        StateReader body = in.section("model", VERSION);
        InputEncoder encoder = new InputEncoder(layout, embedding(spec.network()), spec.optimizer(), new Rng(0));
        Network network = Network.of(spec.network(), encoder.width(), classes);
        String found = body.getString();
        if (!found.equals(network.describe())) {
            throw new StateException("network: the state holds '" + found + "', the pipeline asks for '"
                    + network.describe() + "'; restore the network and features, or start from new state");
        }
        long seed = body.getLong();
        long restarts = body.getLong();
        float[] parameters = new float[network.parameterCount()];
        StateChecks.copy("parameters", body.getFloats(), parameters);
        FlatOptimizer optimizer = new FlatOptimizer(spec.optimizer(), parameters.length);
        optimizer.read(body);
        encoder.read(body);
        Model model = new Model(
                spec, layout, classes, network, seed, encoder, Engines.create(spec, network, parameters, optimizer));
        model.restarts = restarts;
        return model;
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
     * Writes the model as a graph from raw features to logits.
     *
     * @return name of the logits {@code [batch, classes]}
     */
    public String export(GraphWriter graph, GraphInputs inputs) {
        String features = EncoderExport.write(encoder, layout, graph, inputs);
        return network.export(graph, features, engine.parameters());
    }

    InputEncoder encoder() {
        return encoder;
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
