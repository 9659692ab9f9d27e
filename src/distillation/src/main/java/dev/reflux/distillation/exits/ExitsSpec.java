package dev.reflux.distillation.exits;

import dev.reflux.distillation.network.EncodingSpec;
import dev.reflux.distillation.network.InputShape;
import dev.reflux.distillation.network.NetworkSpec;
import java.util.HashSet;
import java.util.List;

/**
 * A network with exits: a backbone with a shallow classifier at each of some layers.
 *
 * @param backbone the network that is the deepest exit
 * @param at names of the layers with a shallow exit, from the input on
 * @param publish the exit whose logits are the network's: 1 for the first of {@code at} and so on, 0 for the deepest
 */
public record ExitsSpec(NetworkSpec backbone, List<String> at, int publish) implements NetworkSpec {

    public ExitsSpec {
        at = List.copyOf(at);
        if (at.isEmpty() || new HashSet<>(at).size() != at.size()) {
            throw new IllegalArgumentException("exits.at: " + at
                    + " found, must name one layer or more, each once; self-distillation needs an exit that learns");
        }
        if (publish < 0 || publish > at.size()) {
            throw new IllegalArgumentException("exits.publish: " + publish
                    + " found, must be 0 (the deepest exit) or one" + " of 1 to " + at.size());
        }
    }

    @Override
    public EncodingSpec encoding() {
        return backbone.encoding();
    }

    @Override
    public ExitsNetwork build(InputShape input, int classes) {
        return new ExitsNetwork(this, backbone.build(input, classes));
    }
}
