package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.state.StateInitializationContext;

/** All state of an operator as one entry of versioned bytes in Flink's operator state. */
final class OperatorState {

    private final ListState<byte[]> entries;

    OperatorState(String name, StateInitializationContext context) throws Exception {
        this.entries = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>(name, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    /** What was saved; empty on a first start. */
    Optional<StateReader> saved() throws Exception {
        Iterator<byte[]> saved = entries.get().iterator();
        if (!saved.hasNext()) {
            return Optional.empty();
        }
        byte[] bytes = saved.next();
        if (saved.hasNext()) {
            throw new StateException("state of more than one subtask found: the parallelism of the loop is 1, and state"
                    + " of a job with another one cannot be merged");
        }
        return Optional.of(new StateReader(bytes));
    }

    void save(StateWriter state) throws Exception {
        entries.update(List.of(state.toBytes()));
    }
}
