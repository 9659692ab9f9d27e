package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.onnx.OnnxModelBuilder;
import dev.reflux.distillation.export.GraphWriter;
import java.util.List;
import java.util.Map;

/** Lets a network write itself into an ONNX model: the two modules do not know each other. */
record BuilderGraphWriter(OnnxModelBuilder builder) implements GraphWriter {

    @Override
    public String constant(String name, float[] values, long... shape) {
        return builder.constant(name, values, shape);
    }

    @Override
    public String constant(String name, long[] values, long... shape) {
        return builder.constant(name, values, shape);
    }

    @Override
    public List<String> node(String type, List<String> inputs, Map<String, Object> attributes, int outputs) {
        return builder.node(type, inputs, attributes, outputs);
    }
}
