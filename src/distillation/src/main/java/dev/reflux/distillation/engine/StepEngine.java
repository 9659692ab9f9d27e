package dev.reflux.distillation.engine;

import dev.reflux.distillation.Outputs;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of one network: owns its parameters and their moments. Engines differ in speed alone: parameters lie in
 * the same flat order, and the same calls give the same numbers within float rounding. Calls come from one thread at a
 * time.
 */
interface StepEngine extends AutoCloseable {

    /** What a backward pass is to give. */
    enum Gradients {
        OF_PARAMETERS,
        OF_PARAMETERS_AND_INPUT
    }

    /**
     * Logits without what {@link #backward} needs.
     *
     * @param input {@code [rows, inputs]}
     * @param outputs receives the rows from row {@code at} on: the logits and, if it holds layers, which are then those
     *     that this engine was made with, their outputs
     */
    void predict(float[] input, int rows, Outputs outputs, int at);

    /** As {@link #predict}, and keeps what {@link #backward} needs; {@code input} must stay unchanged until then. */
    void forward(float[] input, int rows, Outputs outputs, int at, Gradients gradients);

    /** Whether {@link #backward}, for any gradients, can also follow a {@link #predict}. */
    boolean predictKeeps();

    /**
     * Gradients of the rows of the last forward pass; the parameters stay as they are.
     *
     * @param gradient of the outputs, the rows from row {@code at} on; with layers or without, as {@code predict} takes
     *     them
     * @param inputGradient receives {@code [rows, inputs]} when present, which the forward pass must have announced
     * @return squared L2 norm of the gradient; 0 where the optimizer does not clip
     */
    double backward(Outputs gradient, int at, float @Nullable [] inputGradient);

    /** Moves the parameters along the last gradient times {@code scale}. */
    void step(double learningRate, float scale);

    /** Moves the parameters a share of the way to those of another engine of the same kind and network. */
    void approach(StepEngine other, float share);

    /** A copy of the flat parameters. */
    float[] parameters();

    /** The optimizer with its moments and counters; the engine reads and writes them at each step. */
    FlatOptimizer optimizer();

    /** Native arrays that are alive, those of an open step included; 0 where there are none. */
    int liveArrays();

    /** Which engine this is. */
    EngineChoice kind();

    /** Frees native memory. */
    @Override
    void close();
}
