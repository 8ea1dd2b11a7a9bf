"""Packed columns of a serialised batch, as they come from the wire (see wire.pyi).

Only the plain form is read, the one that serialisers write. Everything else is left to the
protobuf parser: so the rules for it stand in one place, and this one can be held against it.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

cpdef enum Form:
    INT64 = 1
    ZIGZAG = 2
    ENUM = 3
    PACKED_ENUM = 4
    PACKED_BOOL = 5

cdef enum:
    VARINT = 0  # the wire types
    DELIMITED = 2
    KEY_TAG = 1 << 3 | DELIMITED
    ONE_BYTE_NUMBERS = 16
    LENGTH_BYTES = 4  # of a length; more are left to protobuf


cdef struct Reader:
    const uint8_t* at
    const uint8_t* end


cdef inline bint read_varint(Reader* reader, uint64_t* value) noexcept nogil:
    """Read up to 10 bytes; False when they are cut off or hold more than 64 bits."""
    cdef const uint8_t* at = reader.at
    cdef uint64_t byte, found = 0
    cdef int shift = 0
    while at < reader.end:
        byte = at[0]
        at += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            reader.at = at
            value[0] = found
            return shift < 63 or byte <= 1
        shift += 7
        if shift > 63:
            return False
    return False


cdef inline bint read_part(Reader* reader, Reader* part) noexcept nogil:
    """Read a length and step over what it measures; `part` is that."""
    cdef const uint8_t* begin = reader.at
    cdef uint64_t length
    if not read_varint(reader, &length) or reader.at - begin > LENGTH_BYTES:
        return False
    if length > <uint64_t>(reader.end - reader.at):
        return False
    part.at = reader.at
    reader.at += length
    part.end = reader.at
    return True


cdef inline int64_t cell_of(uint64_t value, uint8_t form) noexcept nogil:
    """Return what a varint of a packed column stands for."""
    if form == ZIGZAG:
        return <int64_t>(value >> 1 ^ -(value & 1))
    if form == PACKED_ENUM:
        return <int32_t>value
    return value != 0 if form == PACKED_BOOL else <int64_t>value


cdef int64_t* read_column(Reader* part, uint8_t form, int64_t* cell) noexcept nogil:
    """Read all of a packed column; return the end of the cells, NULL when it is not one."""
    cdef uint64_t value
    while part.at < part.end:
        if part.at[0] < 0x80:
            value = part.at[0]
            part.at += 1
        elif not read_varint(part, &value):
            return NULL
        cell[0] = cell_of(value, form)
        cell += 1
    return cell


cdef bint read_fields(
    Reader* batch, const uint8_t* forms, Py_ssize_t count, int64_t* cells, Py_ssize_t* ends
) noexcept nogil:
    """Read fields 1 to `count`, each at most once and in order; False for anything else."""
    cdef int64_t* cell = cells
    cdef Py_ssize_t field = 0
    cdef Py_ssize_t number
    cdef Reader part
    cdef uint64_t value
    while batch.at < batch.end:
        number = batch.at[0] >> 3
        if number <= field or number > count:
            return False
        while field < number - 1:
            ends[field] = cell - cells
            field += 1
        if batch.at[0] & 7 != (VARINT if forms[field] == ENUM else DELIMITED):
            return False
        batch.at += 1
        if forms[field] == ENUM:
            if not read_varint(batch, &value):
                return False
            cell[0] = <int32_t>value
            cell += 1
        else:
            if not read_part(batch, &part):
                return False
            cell = read_column(&part, forms[field], cell)
            if cell == NULL:
                return False
        ends[field] = cell - cells
        field += 1
    while field < count:
        ends[field] = cell - cells
        field += 1
    return True


def read_batch(bytes raw, tuple forms_by_number, int64_t[::1] cells):
    """Read a batch in the plain form into the cells; None for all else, as the stub tells."""
    cdef Reader reader, batch
    cdef Py_ssize_t[ONE_BYTE_NUMBERS] ends
    cdef Py_ssize_t key_bytes, number, field
    cdef bytes forms
    if not raw or cells.shape[0] < len(raw):
        return None
    reader.at = raw
    reader.end = reader.at + len(raw)
    if reader.at[0] == KEY_TAG:
        reader.at += 1
        if not read_part(&reader, &batch) or reader.at == reader.end:
            return None
    key_bytes = len(raw) - (reader.end - reader.at)
    number = reader.at[0] >> 3
    if reader.at[0] & 7 != DELIMITED or number >= len(forms_by_number):
        return None
    forms = forms_by_number[number]
    assert len(forms) < ONE_BYTE_NUMBERS
    reader.at += 1
    if not forms or not read_part(&reader, &batch) or reader.at != reader.end:
        return None
    if not read_fields(&batch, forms, len(forms), &cells[0], ends):
        return None
    return key_bytes, number, [ends[field] for field in range(len(forms))]
