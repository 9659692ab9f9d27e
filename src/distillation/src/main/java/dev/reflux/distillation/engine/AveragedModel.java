package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.Predictor;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;

/**
 * A model whose parameters are the moving average of those of a model that learns (Polyak and Juditsky 1992; as a teacher
 * Tarvainen and Valpola 2017): steadier than it, and later to follow a change. Input statistics and embeddings are those of
 * the learning model itself, of which it reads the encoded rows.
 *
 * <p>Every {@value #STRIDE} examples it moves by what so many single moves would come to, had the parameters stood still:
 *
 * <pre>a += (1 - (1 - rate)^{@value #STRIDE}) (w - a)</pre>
 */
public final class AveragedModel implements Predictor {

    private static final String SECTION = "average";
    private static final int VERSION = 1;
    private static final int STRIDE = 8;

    private final Model model;
    private final double share;
    private StepEngine engine;
    private long restarts;
    private int due;

    /** @param rate weight of the newest parameters at each example, in (0, 1) */
    public AveragedModel(Model model, double rate) {
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException("average: " + rate + " found, must be between 0 and 1");
        }
        this.model = model;
        double keep = 1 - rate;
        double kept = 1;
        for (int i = 0; i < STRIDE; i++) {
            kept *= keep;
        }
        this.share = 1 - kept;
        this.engine = model.engineWith(model.engine().parameters());
        this.restarts = model.restarts();
    }

    /** The model has learned so many examples. */
    public void follow(int examples) {
        if (restarts != model.restarts()) {
            restart();
        }
        due += examples;
        while (due >= STRIDE) {
            engine.approach(model.engine(), (float) share);
            due -= STRIDE;
        }
    }

    private void restart() {
        restarts = model.restarts();
        engine.close();
        engine = model.engineWith(model.engine().parameters());
    }

    @Override
    public void predict(Examples examples, int from, int to, Outputs outputs) {
        if (restarts != model.restarts()) {
            restart();
        }
        engine.predict(model.encoder().encode(examples, from, to), to - from, outputs, from);
    }

    @Override
    public long parameterCount() {
        return model.network().servedParameterCount();
    }

    public void write(StateWriter out) {
        out.section(
                SECTION,
                VERSION,
                section ->
                        section.putFloats(engine.parameters()).putLong(restarts).putInt(due));
    }

    public void read(StateReader in) {
        StateReader section = in.section(SECTION, VERSION);
        float[] parameters = new float[model.network().parameterCount()];
        StateChecks.copy("averaged parameters", section.getFloats(), parameters);
        restarts = section.getLong();
        due = section.getInt();
        engine.close();
        engine = model.engineWith(parameters);
    }

    @Override
    public void close() {
        engine.close();
    }
}
