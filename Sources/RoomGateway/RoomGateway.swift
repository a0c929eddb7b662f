// RoomGateway
