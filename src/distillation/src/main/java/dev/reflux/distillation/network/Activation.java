package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import dev.reflux.distillation.export.GraphWriter;

/** Non-linearity between layers. */
public enum Activation {
    /** {@code max(0, x)}. */
    RELU,
    /** {@code tanh(x)}. */
    TANH,
    /** {@code x * Phi(x)}, Hendrycks and Gimpel 2016, exact form by the error function. */
    GELU;

    /** As a differentiable operation. */
    public NDArray apply(NDArray x) {
        return switch (this) {
            case RELU -> x.getNDArrayInternal().relu();
            case TANH -> x.tanh();
            case GELU -> x.getNDArrayInternal().gelu();
        };
    }

    /** As operators of a graph; returns the name of the result. */
    public String export(GraphWriter graph, String x) {
        return switch (this) {
            case RELU -> graph.node("Relu", x);
            case TANH -> graph.node("Tanh", x);
            case GELU -> gelu(graph, x);
        };
    }

    private static String gelu(GraphWriter graph, String x) {
        String root = graph.constant("gelu.root", new float[] {(float) Math.sqrt(0.5)}, 1);
        String half = graph.constant("gelu.half", new float[] {0.5f}, 1);
        String one = graph.constant("gelu.one", new float[] {1}, 1);
        String twicePhi = graph.node("Add", graph.node("Erf", graph.node("Mul", x, root)), one);
        return graph.node("Mul", graph.node("Mul", x, half), twicePhi);
    }

    /** How the weights before it start, so that it keeps the scale of what goes through. */
    public Parameter.Start start() {
        return this == TANH ? Parameter.Start.GLOROT : Parameter.Start.HE;
    }
}
